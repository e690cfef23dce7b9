/** Switching roles: the page, the menu and what the browser then has. */
import type { Page } from "@playwright/test";
import {
  allow,
  consolePath,
  expect,
  expectNoAxeViolations,
  open,
  sessionsOf,
  signIn,
  test,
  type User,
  type World,
} from "./harness";

/** A user of dev who may assume a role of prod. */
async function roleAndUser(world: World, options: { name?: string; path?: string; mfa?: boolean } = {}) {
  const condition = options.mfa ? { Bool: { "aws:MultiFactorAuthPresent": "true" } } : undefined;
  const role = await world.prod.role({
    path: options.path,
    trusts: world.dev.id,
    condition,
    may: [allow("s3:*")],
  });
  const alice = await world.dev.user({ may: [allow("sts:AssumeRole", role.arn)], mfa: options.mfa });
  return { role, alice };
}

const menu = (page: Page, who: User | RegExp) =>
  page.getByRole("button", { name: who instanceof RegExp ? who : new RegExp(who.user) });

// Rules: CO-10 CO-11 CO-12 CO-14 CO-17 CO-18
test("a link fills in the form, which is sent by hand; the bar says where one is, and back leads back", async ({
  page,
  world,
}) => {
  const { role, alice } = await roleAndUser(world, { path: "/teams/storage/" });
  const link = new URLSearchParams({
    account: "prod",
    roleName: `teams/storage/${role.name}`,
    displayName: "store @ prod",
    color: "f2b0a9",
  });
  // From a mail, before anybody is signed in.
  await page.goto(`${world.server.url}/_regent/signin/switchrole?${link}`);
  await page.getByLabel("Account ID or alias").fill("dev");
  await page.getByLabel("IAM user name").fill(alice.user);
  await page.getByLabel("Password").fill(alice.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Switch role", level: 1 })).toBeVisible();
  await expect(page.getByLabel("Account", { exact: true })).toHaveValue("prod");
  await expect(page.getByLabel("Role name")).toHaveValue(`teams/storage/${role.name}`);
  await expectNoAxeViolations(page);
  expect((await sessionsOf(page)).sessions).toHaveLength(1); // nothing is sent by itself
  const own = page.url();
  await page.getByRole("main").getByRole("button", { name: "Switch role" }).click();
  await page.waitForURL((url) => url.href !== own);
  const [user, switched] = (await sessionsOf(page)).sessions;
  expect(switched).toMatchObject({
    kind: "role",
    accountId: world.prod.id,
    origin: user?.id,
    arn: `arn:aws:sts::${world.prod.id}:assumed-role/${role.name}/${alice.user}`,
  });
  const bar = menu(page, /store @ prod/);
  await expect(bar).toBeVisible();
  await expect(bar).toContainText(world.prod.id.replace(/(....)(....)/, "$1-$2-")); // TH-87: a name may say anything
  await expectNoAxeViolations(page);

  await bar.click();
  await expectNoAxeViolations(page);
  await expect(page.getByText("Recent roles").first()).toBeVisible();
  await page.getByRole("button", { name: `Back to ${alice.user}` }).click();
  await page.waitForURL((url) => url.pathname.includes(`~${user?.id}`));
  await expect(menu(page, alice)).toBeVisible();
  expect((await sessionsOf(page)).sessions.map((s) => s.id)).toEqual([user?.id]);
});

// Rules: CO-16
test("what is refused is said in one sentence, with what the user's own side knows", async ({ page, world }) => {
  const { role } = await roleAndUser(world);
  const bob = await world.dev.user();
  const session = await signIn(page, bob);
  const sentence = "Invalid information in one or more fields. Check your information or contact your administrator.";
  for (const [account, name] of [
    ["prod", role.name],
    ["prod", "no-such-role"],
    ["no-such-account", role.name],
  ] as const) {
    await open(page, session, `/switchrole?${new URLSearchParams({ account, roleName: name })}`);
    await page.getByRole("main").getByRole("button", { name: "Switch role" }).click();
    await expect(page.getByText(sentence).first()).toBeVisible();
  }
  await expectNoAxeViolations(page);
});

test("the page of a role asks for MFA at sign-in where the role does", async ({ page, world }) => {
  const { role, alice } = await roleAndUser(world, { mfa: true });
  const session = await signIn(page, alice);
  await open(page, session, `/switchrole?account=prod&roleName=${role.name}`);
  await page.getByRole("main").getByRole("button", { name: "Switch role" }).click();
  await page.waitForURL((url) => !url.pathname.includes(session.id));
  await expect(menu(page, new RegExp(role.name))).toBeVisible();
});

test("a display name and a colour that somebody else chose stay text", async ({ page, world }) => {
  const { role, alice } = await roleAndUser(world);
  const session = await signIn(page, alice);
  const displayName = `<img src=/xss-probe onerror=alert(1)>"'&`;
  const link = new URLSearchParams({
    account: "prod",
    roleName: role.name,
    displayName,
    color: "red;background:url(//evil.example)",
  });
  await open(page, session, `/switchrole?${link}`);
  await page.getByRole("main").getByRole("button", { name: "Switch role" }).click();
  await page.waitForURL((url) => !url.pathname.includes(session.id) && url.pathname.startsWith(consolePath));
  await expect(page.getByRole("button", { name: displayName })).toBeVisible();
});
