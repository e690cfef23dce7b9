/** The pages on which one signs in: all of them, in light and dark, on wide and narrow screens; and names in them. */
import { DeleteAccountAliasCommand } from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import {
  allow,
  call,
  consolePath,
  expect,
  expectNoAxeViolations,
  expectNoSidewaysScroll,
  member,
  open,
  type Session,
  sessionsOf,
  signIn,
  submitSignIn,
  test,
  unique,
} from "./harness";

/** What would load something, and run, if a page took it for markup. */
const hostile = `"><img src=/xss-probe onerror=alert(1)>`;
const hostilePath = `/"><img/src="/xss-probe"/onerror=alert(1)>/`;

async function look(page: Page, heading: string): Promise<void> {
  await expect(page.getByRole("heading", { name: heading, level: 1 })).toBeVisible();
  await expectNoAxeViolations(page);
  await page.setViewportSize({ width: 320, height: 640 });
  await expectNoSidewaysScroll(page);
  await expectNoAxeViolations(page, { modes: ["light"] });
  await page.setViewportSize({ width: 1280, height: 800 });
}

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

// Rules: CO-1 CO-2 CO-3
test("each page of a sign-in can be used by everybody", async ({ page, world }) => {
  test.setTimeout(120_000);
  const { dev, server } = world;
  const wrong = "Your authentication information is incorrect. Please try again.";
  await page.goto(`${server.site}/_regent/signin?account=dev`);
  await look(page, "Sign in");
  await page.getByRole("link", { name: "Root user" }).click();
  await look(page, "Sign in");

  const phone = await dev.user({ mfa: true });
  await submitSignIn(page, { ...phone, password: "wrong", totp: undefined });
  await expect(page.getByRole("alert")).toContainText(wrong);
  await look(page, "Sign in");
  await submitSignIn(page, { ...phone, totp: undefined });
  await expect(page.getByLabel("Code from your MFA device")).toBeFocused();
  await look(page, "Sign in");
  await page.getByLabel("Code from your MFA device").fill("000000");
  await button(page, "Continue").click();
  await expect(page.getByRole("alert")).toContainText(wrong);
  await look(page, "Sign in");

  const fresh = await dev.user({ resetRequired: true });
  await submitSignIn(page, fresh);
  await look(page, "Change your password");
  await page.getByLabel("New password").fill("short");
  await page.getByLabel("The same again").fill("another");
  await button(page, "Change password and sign in").click();
  await expect(page.getByRole("alert")).toBeVisible();
  await look(page, "Change your password");
  await page.getByLabel("New password").fill(`${fresh.password}-new`);
  await page.getByLabel("The same again").fill(`${fresh.password}-new`);
  await button(page, "Change password and sign in").click();
  await page.waitForURL((url) => url.pathname.startsWith(`${consolePath}~`));
  expect((await sessionsOf(page)).sessions).toMatchObject([{ arn: fresh.arn }]);

  const guessed = await dev.user();
  for (let i = 0; i < 7; i++) await submitSignIn(page, { ...guessed, password: "wrong" });
  await expect(page.getByRole("alert")).toContainText("failed too often");
  await look(page, "Sign in");

  await page.goto(`${server.site}/_regent/signin/federation?SigninToken=none`);
  await look(page, "No sign-in");
});

// Rules: TH-87 TH-88
test("names of accounts, paths, roles and sessions are text wherever the shell has them", async ({
  page,
  startWorld,
}) => {
  test.setTimeout(120_000);
  const world = await startWorld();
  const { management, server } = world;
  const key = await management.accessKey((await management.user({ administrator: true })).user);
  const own = await member(management, key, unique("own"), hostile);
  const there = await member(management, key, unique("there"), hostile);
  for (const account of [own, there]) {
    await account.iam.send(new DeleteAccountAliasCommand({ AccountAlias: account.alias }));
  }
  const role = await there.role({ trusts: own.id });
  const may = [allow("sts:AssumeRole", role.arn)];
  const alice = await own.user({ path: hostilePath, may, mfa: true });
  const query = new URLSearchParams({ account: hostile, return: hostile, tab: "user" });
  await page.goto(`${server.site}/_regent/signin?${query}`);
  await page.getByLabel("Account ID or alias").fill(hostile);
  await page.getByLabel("IAM user name").fill(hostile);
  await page.getByLabel("Password").fill(hostile);
  await button(page, "Sign in").click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.getByLabel("IAM user name")).toHaveValue(hostile);

  const at = { ...alice, account: Object.assign(Object.create(own), { alias: own.id }) as typeof own };
  const session = await signIn(page, at);
  expect(session.arn).toBe(alice.arn);
  const menu = page.getByRole("region", { name: "Account and sessions" });
  const bar = page.getByRole("banner");
  await bar.getByRole("button", { name: new RegExp(alice.user) }).click();
  await expect(menu.getByText(alice.arn).first()).toBeVisible();
  await expect(menu.getByText(hostile).first()).toBeVisible();

  // The switch itself, by a link with hostile texts; then its history and a pin.
  const link = { account: there.id, roleName: role.name, displayName: hostile, color: hostile };
  await open(page, session, `/switchrole?${new URLSearchParams(link)}`);
  await expect(page.getByLabel("Display name")).toHaveValue(hostile);
  await page.getByRole("main").getByRole("button", { name: "Switch role" }).click();
  await page.waitForURL((url) => !url.pathname.includes(session.id) && url.pathname.startsWith(consolePath));
  const switched = bar.getByRole("button", { name: hostile });
  await expect(switched).toContainText(there.id.replace(/(....)(....)/, "$1-$2-"));
  await switched.click();
  await menu.getByRole("button", { name: `Pin ${hostile}` }).click();
  await expect(menu.getByRole("button", { name: `Unpin ${hostile}` })).toBeVisible();
  await look(page, `In role ${hostile}`);
  await open(page, session, "/");
  await expect(page.getByRole("main").getByRole("link", { name: hostile })).toBeVisible();
  await expect(page).toHaveTitle(new RegExp("xss-probe"));
  await page.goto(`${server.site}${consolePath}?account=${there.id}`); // one session is of it
  await expect(switched).toBeVisible();
  await bar.getByRole("button", { name: hostile }).click();
  await menu.getByRole("button", { name: `Back to ${alice.user}` }).click();
  await page.waitForURL((url) => url.pathname.includes(session.id));
  await page.goto(`${server.site}${consolePath}?account=${there.id}`); // none is
  await expect(page.getByRole("heading", { name: /Which session/ })).toBeVisible();
  await expect(page.getByRole("link", { name: `Switch to ${hostile}` })).toBeVisible();
  await expectNoAxeViolations(page);

  // Five sessions, and the page that asks which is to be closed.
  for (const name of ["a", "b", "c", "d"]) {
    const one = await there.role({ trusts: own.id, name: unique(name) });
    await own.allowUser(alice.user, allow("sts:AssumeRole"));
    const input = { session: session.id, account: there.id, roleName: one.name, displayName: hostile, color: "" };
    expect((await call<{ session: Session }>(page, "switchrole", input)).status).toBe(200);
  }
  const bob = await own.user();
  await submitSignIn(page, { ...bob, account: at.account });
  await expect(page.getByText(hostile).first()).toBeVisible();
  await look(page, "Close a session");
});
