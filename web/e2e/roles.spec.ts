/** Roles that are there: listed in words, seen, changed, ended, deleted. */
import {
  AttachRolePolicyCommand,
  GetRoleCommand,
  ListRoleTagsCommand,
  NoSuchEntityException,
} from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { assume, configOf } from "./harness/world";
import {
  administratorAccess,
  allow,
  expect,
  expectNoAxeViolations,
  expectNoSidewaysScroll,
  open,
  signIn,
  test,
  unique,
} from "./harness";

test("a list says in words whom roles trust, and is clean", async ({ page, world }) => {
  const mark = unique("listed");
  const mfa = { Bool: { "aws:MultiFactorAuthPresent": "true" } };
  await world.prod.role({ name: `${mark}-a`, trusts: world.dev.id, condition: mfa });
  await world.prod.role({ name: `${mark}-b`, trusts: "*" });
  const admin = await world.prod.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, `/iam/roles?q=${mark}`);
  const digits = world.dev.id.replace(/^(....)(....)(....)$/, "$1-$2-$3");
  await expect(page.getByRole("row", { name: `${mark}-a` })).toContainText(`account ${digits}, with MFA`);
  await expect(page.getByRole("row", { name: `${mark}-b` })).toContainText("anybody");
  await expect(page.getByRole("row", { name: `${mark}-b` })).toContainText("Never");
  await expectNoAxeViolations(page);
  await page.setViewportSize({ width: 320, height: 640 });
  await expect(() => expectNoSidewaysScroll(page)).toPass();
  await page.getByRole("link", { name: `${mark}-a` }).click();
  await expect(page.getByRole("heading", { name: `${mark}-a`, level: 1 })).toBeVisible();
  await expectNoSidewaysScroll(page);
});

test("who may read little of a role is told what is missing, panel by panel", async ({ page, world }) => {
  const { name } = await world.prod.role({ trusts: world.dev.id, may: [allow("s3:*")] });
  const clerk = await world.prod.user({ may: [allow(["iam:ListRoles", "iam:GetRole", "iam:ListRolePolicies"])] });
  const session = await signIn(page, clerk);
  await open(page, session, `/iam/roles?q=${name}`);
  // The list's last activity comes role by role where it may not be had for all at once.
  await expect(page.getByRole("row", { name })).toContainText("Never");
  await page.getByRole("link", { name }).click();
  await expect(page.getByText("You may not iam:ListAttachedRolePolicies on").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "may", exact: true })).toBeVisible();
  await page.getByRole("tab", { name: "Trust" }).click();
  await expect(page.getByRole("region", { name: "Trust policy" })).toContainText(world.dev.id);
  await expect(page.getByText("You may not regent:ListTrustEdges on").first()).toBeVisible();
  await expectNoAxeViolations(page);
  await page.getByRole("tab", { name: "Sessions" }).click();
  await expect(page.getByText("You may not regent:ListSessions on").first()).toBeVisible();
  await page.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("dialog").getByText(/You may not iam:List/)).toBeVisible();
});

test("a role's permissions, description, tags and trust are changed", async ({ page, world }) => {
  const { name } = await world.prod.role({ trusts: world.dev.id });
  const admin = await world.prod.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, `/iam/roles/${name}`);
  await page.getByRole("button", { name: "Attach policies" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("searchbox").fill("s3:GetObject");
  await dialog.getByRole("searchbox").fill("AmazonS3ReadOnlyAccess");
  await dialog.getByRole("checkbox", { name: "AmazonS3ReadOnlyAccess", exact: true }).check();
  await dialog.getByRole("button", { name: "Attach 1 policy" }).click();
  await expect(page.getByRole("link", { name: "AmazonS3ReadOnlyAccess" })).toBeVisible();

  await page.getByRole("button", { name: "Edit", exact: true }).first().click();
  await page.getByRole("textbox", { name: "Description" }).fill("For the auditors");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText(`Role ${name} is saved.`).first()).toBeVisible();
  await expect(page.getByText("For the auditors").first()).toBeVisible();

  await page.getByRole("tab", { name: "Tags" }).click();
  await page.getByRole("tabpanel", { name: "Tags" }).getByRole("button", { name: "Edit" }).click();
  await page.getByRole("button", { name: "Add tag" }).click();
  await page.getByRole("textbox", { name: "Key" }).fill("team");
  await page.getByRole("textbox", { name: /Value/ }).fill("audit");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText(`The tags of ${name} are saved.`).first()).toBeVisible();

  await page.getByRole("tab", { name: "Trust" }).click();
  await page.getByRole("link", { name: "Edit trust policy" }).click();
  await expect(page.getByRole("heading", { name: `Trust policy of ${name}`, level: 1 })).toBeVisible();
  await page.getByRole("navigation", { name: "Breadcrumbs" }).getByRole("link", { name }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  await page.goBack();
  const json = page.locator(".cm-content");
  await json.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
    }),
  );
  await expect(page.getByText("service ec2").first()).toBeVisible();
  await page.getByRole("button", { name: "Save trust policy" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Save trust policy" }).click();
  await expect(page.getByText(`The trust policy of ${name} is saved.`).first()).toBeVisible();

  const { Role } = await world.prod.iam.send(new GetRoleCommand({ RoleName: name }));
  expect(Role?.Description).toBe("For the auditors");
  expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).toContain("ec2.amazonaws.com");
  const { Tags } = await world.prod.iam.send(new ListRoleTagsCommand({ RoleName: name }));
  expect(Tags).toEqual([{ Key: "team", Value: "audit" }]);
});

test("who holds a role's sessions is seen, and they end when they are revoked", async ({ page, world }) => {
  const { name, arn } = await world.prod.role({ trusts: world.dev.id });
  const bob = await world.dev.user({ may: [allow("sts:AssumeRole", arn)] });
  const key = await assume(world.server, await world.dev.accessKey(bob.user), arn);
  const whoAmI = () => new STSClient(configOf(world.server, key)).send(new GetCallerIdentityCommand({}));
  await whoAmI();
  const admin = await world.prod.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, `/iam/roles/${name}?tab=sessions`);
  const row = page.getByRole("row", { name: /e2e/ });
  await expect(async () => {
    await page.getByRole("button", { name: "Refresh" }).click();
    await expect(row).toBeVisible({ timeout: 1000 });
  }).toPass();
  await expectNoAxeViolations(page);
  await row.getByRole("radio").click();
  await page.getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByRole("textbox", { name: "Type e2e to confirm" }).fill("e2e");
  await page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
  await expect(page.getByText(/^Revoked\./).first()).toBeVisible();
  await expect(whoAmI()).rejects.toThrow(/token/i);
  await expect(page.getByText("Nobody holds a session").first()).toBeVisible();

  // As AWS's console does it, and said to be so.
  await page.getByRole("button", { name: "Deny older sessions" }).click();
  await page.getByRole("textbox", { name: `Type ${name} to confirm` }).fill(name);
  await page.getByRole("dialog").getByRole("button", { name: "Deny older sessions" }).click();
  await page.getByRole("tab", { name: "Permissions" }).click();
  await expect(page.getByRole("button", { name: "AWSRevokeOlderSessions", exact: true })).toBeVisible();

  await page.getByRole("button", { name: "Delete AWSRevokeOlderSessions" }).click();
  await page.getByRole("textbox", { name: "Type AWSRevokeOlderSessions to confirm" }).fill("AWSRevokeOlderSessions");
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText("No inline policies").first()).toBeVisible();
});

test("a role is deleted with everything that IAM wants to be gone before", async ({ page, world }) => {
  const { name } = await world.prod.role({ trusts: world.dev.id, may: [allow("s3:*")] });
  await world.prod.iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn: administratorAccess }));
  const admin = await world.prod.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, `/iam/roles/${name}`);
  await page.getByRole("button", { name: "Delete", exact: true }).first().click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("listitem")).toHaveText([
    /Detach policy AdministratorAccess/,
    /Delete inline policy may/,
    new RegExp(`Delete role ${name}`),
  ]);
  await expectNoAxeViolations(page, { include: "[role=dialog]" });
  await dialog.getByRole("textbox").fill(name);
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText(`Role ${name} is deleted.`).first()).toBeVisible();
  await expect(world.prod.iam.send(new GetRoleCommand({ RoleName: name }))).rejects.toThrow(NoSuchEntityException);
});

test("every tab of a role is clean and no wider than 320 pixels", async ({ page, world }) => {
  const mfa = { Bool: { "aws:MultiFactorAuthPresent": "true" } };
  const { name } = await world.prod.role({ trusts: world.dev.id, condition: mfa, may: [allow("s3:*")] });
  const admin = await world.prod.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, `/iam/roles/${name}`);
  // What has colours of its own is looked at in the dark, too.
  for (const [tab, there, modes] of [
    ["Permissions", "Permissions boundary", ["light"]],
    ["Trust", "The other half", ["light", "dark"]],
    ["Tags", "No tags.", ["light"]],
    ["Access advisor", "Amazon S3", ["light"]],
    ["Use it", "Profile for the AWS CLI", ["light", "dark"]],
  ] as const) {
    await page.getByRole("tab", { name: tab, exact: true }).click();
    await expect(page.getByText(there, { exact: true }).first()).toBeVisible();
    await expectNoAxeViolations(page, { modes: [...modes] });
    await page.setViewportSize({ width: 320, height: 640 });
    await expect(() => expectNoSidewaysScroll(page)).toPass(); // once it has settled
    await page.setViewportSize({ width: 1280, height: 800 });
  }
});
