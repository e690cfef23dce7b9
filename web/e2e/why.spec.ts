/** "Why was I denied?": from a refusal, in the console or of a program, to what decided and what would allow it. */
import { IAMClient, ListRolesCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { ListAccountsCommand, OrganizationsClient } from "@aws-sdk/client-organizations";
import { GetObjectCommand, PutBucketPolicyCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, DecodeAuthorizationMessageCommand, STSClient } from "@aws-sdk/client-sts";
import type { Page } from "@playwright/test";
import {
  allow,
  configOf,
  document,
  expect,
  expectNoAxeViolations,
  expectNoSidewaysScroll,
  open,
  signIn,
  test,
  unique,
} from "./harness";

/** What a refused call says of itself. */
async function refusalOf(call: Promise<unknown>): Promise<{ id: string; message: string }> {
  try {
    await call;
  } catch (error) {
    const e = error as { message: string; $metadata?: { requestId?: string } };
    return { id: e.$metadata?.requestId ?? "", message: e.message };
  }
  throw new Error("it was not refused");
}

const layer = (page: Page, name: string) => page.locator(`[data-layer=${name}]`).first();

test("a denied panel leads to what is missing, and where it belongs", async ({ page, world }) => {
  const bob = await world.dev.user({
    may: [allow("iam:GetUserPolicy", "*"), allow("iam:ListUsers", "arn:aws:iam::*:user/x/*")],
  });
  const session = await signIn(page, bob);
  await open(page, session, "/iam/users");
  await page.getByRole("link", { name: "Why?" }).first().click();
  await expect(page.getByRole("heading", { name: "Why was I denied?", level: 1 })).toBeVisible();
  await expect(page.getByText(/Refused: iam:ListUsers/).first()).toBeVisible();
  await expect(page.getByText("By the policies as they were then.").first()).toBeVisible();
  await expect(layer(page, "identity")).toHaveAttribute("data-verdict", "lacks");
  await expect(
    layer(page, "identity")
      .getByText(/Closest: Allow/)
      .first(),
  ).toBeVisible();
  await expect(page.getByText("Permissions boundary: not in play").first()).toBeVisible();
  const fixes = page.getByRole("list", { name: "What would allow it" });
  await expect(fixes.getByText(/"iam:ListUsers"/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Copy as a request for access" })).toBeVisible();
  // The organization's own policies are nothing that a user of a member account may read.
  await expect(page.getByText("you may not read those", { exact: false }).first()).toBeVisible();
  await expectNoAxeViolations(page);
  await page.setViewportSize({ width: 320, height: 640 });
  await expectNoSidewaysScroll(page);
  await page.setViewportSize({ width: 1280, height: 800 });

  await world.dev.allowUser(bob.user, allow("iam:ListUsers"));
  await page.getByRole("button", { name: "As it is now" }).click();
  await expect(layer(page, "identity")).toHaveAttribute("data-verdict", "allows");
  await expect(page).toHaveURL(/\/why\?tab=now$/);
});

test("the ids of IAM, STS, Organizations and S3 are all explained, the statement that denies in its document", async ({
  page,
  world,
}) => {
  const { dev, prod, server } = world;
  const bob = await dev.user({ may: [allow(["s3:*", "iam:GetUserPolicy"])] });
  const config = configOf(server, await dev.accessKey(bob.user));
  const role = await prod.role({ trusts: dev.id });
  const bucket = await dev.bucket({ secret: "text" });
  const closed = {
    Sid: "Closed",
    Effect: "Deny" as const,
    Principal: { AWS: bob.arn },
    Action: "s3:GetObject",
    Resource: `arn:aws:s3:::${bucket}/*`,
  };
  await dev.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: document(closed) }));
  await dev.iam.send(
    new PutUserPolicyCommand({
      UserName: bob.user,
      PolicyName: "guard",
      PolicyDocument: JSON.stringify(
        {
          Version: "2012-10-17",
          Statement: [{ Sid: "NoRoles", Effect: "Deny", Action: "iam:ListRoles", Resource: "*" }],
        },
        null,
        2,
      ),
    }),
  );
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const assume = new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: "bob" });
  const refusals = {
    "iam:ListRoles": await refusalOf(new IAMClient(config).send(new ListRolesCommand())),
    "sts:AssumeRole": await refusalOf(new STSClient(config).send(assume)),
    "organizations:ListAccounts": await refusalOf(new OrganizationsClient(config).send(new ListAccountsCommand())),
    "s3:GetObject": await refusalOf(s3.send(new GetObjectCommand({ Bucket: bucket, Key: "secret" }))),
  };
  const session = await signIn(page, bob);
  for (const [action, { id }] of Object.entries(refusals)) {
    expect(id, action).not.toBe("");
    await open(page, session, `/events/${id}/why`);
    await expect(page.getByText(new RegExp(`Refused: ${action}`)).first()).toBeVisible();
  }
  // The last is S3's: the bucket's policy is not for bob to read, or is, by what he may.
  await expect(layer(page, "resource")).toHaveAttribute("data-verdict", "denies");
  await expect(layer(page, "resource").locator(".policy-marked").first()).toBeVisible();
  await open(page, session, `/events/${refusals["iam:ListRoles"].id}/why`);
  const marked = layer(page, "identity").locator(".policy-marked");
  await expect(marked.first()).toBeVisible();
  await expect(layer(page, "identity").getByRole("region")).toContainText("NoRoles");
  await expectNoAxeViolations(page);
});

test("an error is pasted whole; an administrator explains what somebody asks for by its encoded message", async ({
  page,
  context,
  world,
}) => {
  test.setTimeout(120_000);
  await context.grantPermissions(["clipboard-write"]);
  const bob = await world.dev.user();
  const config = configOf(world.server, await world.dev.accessKey(bob.user));
  const { id, message } = await refusalOf(new IAMClient(config).send(new ListRolesCommand()));
  const own = await signIn(page, bob);
  await open(page, own, "/events/why");
  await expectNoAxeViolations(page);
  const box = page.getByLabel("Request ID, error text or encoded message");
  const explain = page.getByRole("main").getByRole("button", { name: "Explain" });
  await box.fill("nothing of the kind");
  await expect(page.getByText("There is no request ID and no encoded message in this.").first()).toBeVisible();
  await box.fill(`AccessDenied: ${message} (Request ID: ${id})`);
  await explain.click();
  await expect(page).toHaveURL(new RegExp(`/events/${id}/why$`));
  await expect(page.getByText(/Refused: iam:ListRoles/).first()).toBeVisible();

  // What bob copies has the encoded message. No page may read the clipboard: it is pasted.
  await page.getByRole("button", { name: "Copy as a request for access" }).click();
  await open(page, own, "/events/why");
  await box.focus();
  await page.keyboard.press("Control+v");
  await expect(box).toHaveValue(/^I need iam:ListRoles on /);
  const request = await box.inputValue();
  expect(request).toContain(`I am ${bob.arn}.`);
  expect(request).toContain('"iam:ListRoles"');
  const encoded = /--message (\S+)/.exec(request)?.[1] ?? "";
  const decode = new DecodeAuthorizationMessageCommand({ EncodedMessage: encoded });
  const decoded = await world.dev.sts.send(decode);
  expect(JSON.parse(decoded.DecodedMessage ?? "")).toMatchObject({ context: { action: "iam:ListRoles" } });

  const admin = await signIn(page, await world.dev.user({ administrator: true }));
  await open(page, admin, "/events/why");
  await box.fill(request);
  await explain.click();
  await expect(page.getByText(/Refused: iam:ListRoles/).first()).toBeVisible();
  await expect(page.getByText("By the policies as they were then.").first()).toBeVisible();
  await expect(page).toHaveURL(/\/events\/why$/); // a message is not for addresses
  await expect(layer(page, "identity")).toHaveAttribute("data-verdict", "lacks");
  await world.dev.allowUser(bob.user, allow("iam:ListRoles"));
  await page.getByRole("button", { name: "As it is now" }).click();
  await expect(layer(page, "identity")).toHaveAttribute("data-verdict", "allows");
  await expectNoAxeViolations(page);
  await open(page, admin, `/events/${unique("no-such")}/why`);
  await expect(page.getByText("No such denial is kept.", { exact: false }).first()).toBeVisible();

  // Who may only decode is told what the message says.
  const reader = await world.dev.user({ may: [allow("sts:DecodeAuthorizationMessage")] });
  await open(page, await signIn(page, reader), "/events/why");
  await box.fill(encoded);
  await explain.click();
  await expect(page.getByText("You may not regent:ExplainDecision").first()).toBeVisible();
  await expect(page.getByRole("region", { name: "What the message says" })).toContainText("iam:ListRoles");
  await expectNoAxeViolations(page);
  await page.getByRole("link", { name: "Simulate it" }).click();
  await expect(page.getByLabel("ARN of the user, group or role")).toHaveValue(bob.arn);
});

test("somebody else's refusal needs regent:ExplainDecision", async ({ page, world }) => {
  const [bob, eve] = [await world.dev.user(), await world.dev.user()];
  const config = configOf(world.server, await world.dev.accessKey(bob.user));
  const { id } = await refusalOf(new IAMClient(config).send(new ListRolesCommand()));
  const session = await signIn(page, eve);
  await open(page, session, `/events/${id}/why`);
  await expect(page.getByText("You may not regent:ExplainDecision").first()).toBeVisible();
  await expectNoAxeViolations(page);
});

// Rules: CO-16
test("a switch that was refused is explained whole", async ({ page, world }) => {
  const role = await world.prod.role({ trusts: world.dev.id });
  const bob = await world.dev.user();
  const session = await signIn(page, bob);
  await open(page, session, `/switchrole?account=prod&roleName=${role.name}`);
  await page.getByRole("main").getByRole("button", { name: "Switch role" }).click();
  await page.getByRole("link", { name: "The whole explanation" }).click();
  await expect(page).toHaveURL(/\/events\/[0-9a-f-]{36}\/why$/);
  await expect(page.getByText(/Refused: sts:AssumeRole/).first()).toBeVisible();
});
