/** Creating roles: the wizard from whom a role trusts to somebody who uses it. */
import {
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  GetRoleCommand,
  ListAttachedRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import type { Locator, Page } from "@playwright/test";
import {
  allow,
  expect,
  expectNoAxeViolations,
  expectNoSidewaysScroll,
  open,
  signIn,
  test,
  unique,
  type Account,
} from "./harness";

const next = (page: Page) => page.getByRole("button", { name: "Next", exact: true });
const accountField = (page: Page) => page.getByRole("combobox", { name: "Account", exact: true });
const nameField = (page: Page) => page.getByRole("textbox", { name: "Role name" });

/** Presses Tab until a control has the focus: what cannot be reached so cannot be used by everybody. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let i = 0; i < 120; i++) {
    if (await wanted.evaluate((e) => e === document.activeElement).catch(() => false)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${wanted}`);
}

async function trustOf(account: Account, RoleName: string) {
  const { Role } = await account.iam.send(new GetRoleCommand({ RoleName }));
  return { role: Role, trust: JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")) };
}

const attachedTo = async (account: Account, RoleName: string) =>
  (await account.iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies?.map(
    (p) => p.PolicyName,
  );

// Rules: SE-1 SE-6 CO-10
test("a role is created by keyboard alone, across a reload, and is what was asked for", async ({ page, world }) => {
  const admin = await world.prod.user({ administrator: true });
  const name = unique("s3-admin");
  const session = await signIn(page, admin);
  await open(page, session, "/iam/roles");
  await tabTo(page, page.getByRole("link", { name: "Create role" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Trusted entity", level: 1 })).toBeVisible();

  await tabTo(page, accountField(page));
  await page.keyboard.type(world.dev.id);
  await page.keyboard.press("Escape");
  await tabTo(page, page.getByRole("checkbox", { name: "Require MFA" }));
  await page.keyboard.press("Space");
  await expect(page.getByText("CLI profiles then need mfa_serial").first()).toBeVisible();
  await expect(page.getByRole("region", { name: "Trust policy" })).toContainText("aws:MultiFactorAuthPresent");
  await tabTo(page, next(page));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Permissions", level: 1 })).toBeVisible();

  await page.reload();
  await expect(page.getByRole("heading", { name: "Permissions", level: 1 })).toBeVisible();
  await expect(page.getByText("This is where you left off.").first()).toBeVisible();
  const found = page.getByRole("searchbox", { name: "Find policies by name or action" });
  await expect(found).toBeVisible();
  await tabTo(page, found);
  await page.keyboard.type("s3:PutObject");
  await expect(page.getByText(/policies have a statement that allows s3:PutObject/).first()).toBeVisible();
  await found.press("ControlOrMeta+a");
  await page.keyboard.type("AmazonS3FullAccess");
  const box = page.getByRole("checkbox", { name: "AmazonS3FullAccess" });
  await expect(page.getByRole("row")).toHaveCount(2);
  await tabTo(page, box);
  await page.keyboard.press("Space");
  await tabTo(page, next(page));
  await page.keyboard.press("Enter");

  await expect(page.getByRole("heading", { name: "Name, review, create", level: 1 })).toBeVisible();
  await tabTo(page, nameField(page));
  await page.keyboard.type(name);
  await expect(page.getByText("Nothing was found.").first()).toBeVisible();
  await tabTo(page, page.getByRole("button", { name: "Create role" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: `Role ${name} is there`, level: 1 })).toBeVisible();
  await expect(page.getByText(`roleName=${name}&displayName=${name}+%40+prod`).first()).toBeVisible();
  await expect(page.getByRole("region", { name: "Profile for the AWS CLI" })).toContainText(`[profile ${name}]`);
  await expect(page.getByRole("region", { name: "Profile for the AWS CLI" })).toContainText("mfa_serial");

  const { trust } = await trustOf(world.prod, name);
  expect(trust.Statement).toEqual([
    {
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${world.dev.id}:root` },
      Action: "sts:AssumeRole",
      Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
    },
  ]);
  expect(await attachedTo(world.prod, name)).toEqual(["AmazonS3FullAccess"]);
});

// Rules: SE-5
test("an external id is warned of, made, and shuts the console's switch", async ({ page, world }) => {
  const admin = await world.prod.user({ administrator: true });
  const name = unique("vendor");
  const session = await signIn(page, admin);
  await open(page, session, "/iam/roles/create");
  await accountField(page).fill(world.dev.id);
  await page.getByRole("checkbox", { name: "Require external ID" }).check();
  await expect(
    page.getByText("Console users cannot switch to a role that asks for an external ID").first(),
  ).toBeVisible();
  await page.getByRole("button", { name: "Make one" }).click();
  const id = await page.getByRole("textbox", { name: "External ID" }).inputValue();
  expect(id).toMatch(/^[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$/);
  await next(page).click();
  await next(page).click();
  await nameField(page).fill(name);
  await page.getByRole("button", { name: "Create role" }).click();
  await expect(
    page.getByText("the trust policy asks for an external ID, and the console sends none").first(),
  ).toBeVisible();
  await expect(page.getByRole("region", { name: "Profile for the AWS CLI" })).toContainText(`external_id = ${id}`);
  await expect(page.getByText("/_regent/signin/switchrole")).toHaveCount(0);
  const { trust } = await trustOf(world.prod, name);
  expect(trust.Statement[0].Condition).toEqual({ StringEquals: { "sts:ExternalId": id } });
});

test("nothing is made as long as something is missing, and the form says what", async ({ page, world }) => {
  const admin = await world.prod.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, "/iam/roles/create");
  await next(page).click();
  await expect(page.getByText("Say which account.").first()).toBeVisible();
  await accountField(page).fill("no-such-alias");
  await expect(page.getByText("No account of this alias or name is known here.").first()).toBeVisible();
  await page.getByRole("radio", { name: /^AWS service/ }).check();
  await next(page).click();
  await expect(page.getByText("Name at least one service.").first()).toBeVisible();
  await page.getByRole("combobox", { name: "Services" }).fill("lamb");
  await page.getByRole("button", { name: "Add: Services" }).click();
  await expect(page.getByText("The name of a service is a domain name in lower case.").first()).toBeVisible();
  await page.getByRole("combobox", { name: "Services" }).fill("lambd");
  await page.getByRole("combobox", { name: "Services" }).press("ArrowDown"); // what was typed
  await page.getByRole("combobox", { name: "Services" }).press("ArrowDown"); // the first that is known
  await page.getByRole("combobox", { name: "Services" }).press("Enter");
  await expect(page.getByRole("button", { name: "Remove lambda.amazonaws.com" })).toBeVisible();
  await next(page).click();
  await next(page).click();
  await page.getByRole("button", { name: "Create role" }).click();
  await expect(page.getByText("Use 1 to 64 letters", { exact: false }).first()).toBeVisible();
  // A trust policy with an error in it is found before the server refuses it.
  await page.getByRole("button", { name: "Edit Trusted entity" }).click();
  await page.getByRole("combobox", { name: "Services" }).fill("nothing.example");
  await page.getByRole("button", { name: "Add: Services" }).click();
  await next(page).click();
  await next(page).click();
  await nameField(page).fill(unique("role"));
  await expect(page.getByText(/to be (mended|looked at)/).first()).toBeVisible();
});

test("when a later call fails the role stays, is finished, or undone", async ({ page, world }) => {
  const name = unique("half");
  const may = [allow(["iam:CreateRole", "iam:Get*", "iam:List*", "access-analyzer:*"])];
  const clerk = await world.prod.user({ may });
  const session = await signIn(page, clerk);
  const create = async () => {
    await open(page, session, "/iam/roles/create");
    await page.getByRole("radio", { name: /^This account/ }).check();
    await next(page).click();
    await page.getByRole("searchbox", { name: "Find policies by name or action" }).fill("AmazonS3ReadOnlyAccess");
    await page.getByRole("checkbox", { name: "AmazonS3ReadOnlyAccess", exact: true }).check();
    await next(page).click();
    await nameField(page).fill(name);
    await page.getByRole("button", { name: "Create role" }).click();
    await expect(
      page.getByRole("heading", { name: `Role ${name} was made, but not all of it`, level: 1 }),
    ).toBeVisible();
  };
  await create();
  await expect(page.getByText("You may not iam:AttachRolePolicy on").first()).toBeVisible();
  expect((await trustOf(world.prod, name)).role?.RoleName).toBe(name);

  // Half made is half made after a reload, too.
  await page.reload();
  await expect(page.getByRole("heading", { name: `Role ${name} was made, but not all of it`, level: 1 })).toBeVisible();
  await world.prod.allowUser(
    clerk.user,
    ...may,
    allow(["iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:DeleteRole"]),
  );
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await page.getByRole("textbox", { name: `Type ${name} to confirm` }).fill(name);
  await page.getByRole("dialog").getByRole("button", { name: "Undo", exact: true }).click();
  await expect(page.getByText(`Role ${name} was taken away again.`).first()).toBeVisible();
  await expect(trustOf(world.prod, name)).rejects.toThrow(/cannot be found/);

  // Everything that was typed is still there: again, and finished this time.
  await world.prod.allowUser(clerk.user, ...may);
  await page.getByRole("button", { name: "Create role" }).click();
  await expect(page.getByRole("heading", { name: `Role ${name} was made, but not all of it`, level: 1 })).toBeVisible();
  await world.prod.iam.send(
    new AttachRolePolicyCommand({ RoleName: name, PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }),
  );
  await world.prod.allowUser(clerk.user, ...may, allow("iam:AttachRolePolicy"));
  await page.getByRole("button", { name: "Finish" }).click();
  await expect(page.getByRole("heading", { name: `Role ${name} is there`, level: 1 })).toBeVisible();
  expect(await attachedTo(world.prod, name)).toContain("AmazonS3ReadOnlyAccess");
});

test("the wizard is clean in light and dark, and no wider than 320 pixels", async ({ page, world }) => {
  const admin = await world.prod.user({ administrator: true });
  const session = await signIn(page, admin);
  const look = async (modes: ("light" | "dark")[]) => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await expectNoAxeViolations(page, { modes });
    await page.setViewportSize({ width: 320, height: 640 });
    await expect(() => expectNoSidewaysScroll(page)).toPass(); // once it has settled
  };
  await open(page, session, "/iam/roles/create");
  await accountField(page).fill(world.dev.id);
  await page.keyboard.press("Escape");
  await page.getByRole("checkbox", { name: "Require external ID" }).check();
  await page.getByRole("button", { name: "Make one" }).click();
  await page.getByRole("checkbox", { name: "Require MFA" }).check();
  await look(["light", "dark"]);
  await next(page).click();
  await page.getByRole("checkbox", { name: "AdministratorAccess", exact: true }).check();
  await page.getByRole("button", { name: "Add inline policy" }).click();
  await page.getByRole("textbox", { name: "Policy name" }).fill("more");
  await look(["dark"]);
  await page.getByRole("button", { name: "Remove policy" }).click();
  await next(page).click();
  await nameField(page).fill("x");
  await expect(page.getByText("Nothing was found.").first()).toBeVisible();
  await look(["light"]);
});

// Rules: SE-1
test("services, providers and documents of one's own are trusted as the form says", async ({ page, world }) => {
  test.setTimeout(150_000);
  const url = `${unique("issuer")}.example`;
  await world.prod.iam.send(new CreateOpenIDConnectProviderCommand({ Url: `https://${url}`, ClientIDList: ["app"] }));
  const admin = await world.prod.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, "/iam/roles/create");
  const trust = page.getByRole("region", { name: "Trust policy" });
  const kind = (name: string) => page.getByRole("radio", { name: new RegExp(`^${name}`) }).click();
  await kind("AWS service");
  await page.getByRole("combobox", { name: "Services" }).fill("ec2.amazonaws.com");
  await page.getByRole("option", { name: "ec2.amazonaws.com EC2" }).click();
  await expect(trust).toContainText('"Service": "ec2.amazonaws.com"');
  await expectNoAxeViolations(page);

  await kind("Web identity");
  await page.getByRole("button", { name: /Choose a provider/ }).click();
  await page.getByRole("option", { name: new RegExp(url) }).click();
  await page.getByRole("button", { name: "Add claim" }).click();
  await page.getByRole("textbox", { name: "More claims Claim" }).fill("sub");
  await page.getByRole("textbox", { name: "More claims Value" }).fill("repo:acme/app");
  await expect(trust).toContainText(`"${url}:sub": "repo:acme/app"`);
  await expect(trust).toContainText("sts:AssumeRoleWithWebIdentity");
  await expectNoAxeViolations(page);

  await kind("SAML 2.0");
  await expect(trust).toContainText("sts:AssumeRoleWithSAML");
  await expectNoAxeViolations(page);
  await next(page).click();
  await expect(page.getByText("Choose a provider.").first()).toBeVisible();

  await kind("Custom trust policy");
  await expect(page.locator(".cm-content")).toBeVisible();
  await expectNoAxeViolations(page);

  await kind("Web identity");
  await next(page).click();
  await next(page).click();
  await nameField(page).fill(unique("ci"));
  await expect(page.getByText("Nothing was found.").first()).toBeVisible();
  await page.getByRole("button", { name: "Create role" }).click();
  await expect(page.getByRole("heading", { name: /^Role ci.* is there$/, level: 1 })).toBeVisible();
  await expect(page.getByText("assume-role-with-web-identity").first()).toBeVisible();
});
