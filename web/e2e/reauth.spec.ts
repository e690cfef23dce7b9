/** What is dangerous asks who is there, and is done once the user has answered. */
import { DescribeAccountCommand } from "@aws-sdk/client-organizations";
import type { Page } from "@playwright/test";
import {
  allow,
  authenticator,
  byName,
  consolePath,
  expect,
  expectNoAxeViolations,
  expectNoSidewaysScroll,
  makeWorld,
  open,
  register,
  type Session,
  sessionsOf,
  signIn,
  test,
  unique,
} from "./harness";

const dialog = (page: Page) => page.getByRole("dialog", { name: "Confirm that it is you" });

/** Asks for an access key on one's own page. */
async function createKey(page: Page, session: Session): Promise<void> {
  await open(page, session, "/security-credentials");
  await page.getByRole("button", { name: "Create access key" }).first().click();
  const creating = page.getByRole("dialog", { name: "Create an access key" });
  await creating.getByRole("radio").first().check();
  await creating.getByRole("button", { name: /^Create/ }).click();
}

// Rules: TH-90
test("an access key is made only after the password is given again", async ({ page, startWorld }) => {
  const world = await startWorld("--dev");
  const alice = await world.dev.user({ may: [allow("iam:*")] });
  const session = await signIn(page, alice);
  await world.dev.server.advance("11m");
  await createKey(page, session);
  const asked = dialog(page);
  const password = asked.getByLabel("Password");
  await expect(password).toBeFocused();
  await expectNoAxeViolations(page);
  await page.setViewportSize({ width: 320, height: 640 });
  await expect(() => expectNoSidewaysScroll(page)).toPass();
  await expectNoAxeViolations(page, { modes: ["light"] });
  await page.setViewportSize({ width: 1280, height: 800 });
  await password.fill("not this one");
  await asked.getByRole("button", { name: "Confirm" }).click();
  await expect(asked.getByText("That is not right. Try again.").first()).toBeVisible();
  await expect(password).toHaveValue("");

  await password.fill(alice.password);
  await asked.getByRole("button", { name: "Confirm" }).click();
  await expect(asked).toBeHidden();
  await expect(page.getByText(/AKIA[A-Z0-9]{12,}/).first()).toBeVisible();
});

// Rules: TH-84 TH-90
test("a passkey proves it as well as the password", async ({ page, startWorld, watch }) => {
  const world = await startWorld("--dev");
  const site = byName(world.server);
  watch.trust(site);
  const alice = await world.dev.user({ may: [allow("iam:*")] });
  await authenticator(page);
  const first = await signIn(page, alice, consolePath, site);
  expect((await register(page, first.id)).status).toBe(200);
  await page.goto(`${site}/_regent/signin?account=dev`);
  await page.getByLabel("IAM user name").fill(alice.user);
  await page.getByLabel("Password").fill(alice.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("button", { name: "Use a passkey or security key" }).click();
  await page.waitForURL((url) => url.pathname.startsWith(`${consolePath}~`));
  const session = (await sessionsOf(page)).sessions.find((s) => s.mfa);
  if (!session) throw new Error("no session with a passkey");
  await world.server.advance("11m");
  await createKey(page, session);

  const asked = dialog(page);
  await expect(asked.getByLabel("MFA code")).toHaveCount(0); // there is no device that shows one
  const use = asked.getByRole("button", { name: "Use a passkey or security key" });
  await expect(use).toBeVisible();
  await expectNoAxeViolations(page);
  await asked.getByLabel("Password").fill("not this one");
  await asked.getByRole("button", { name: "Confirm" }).click();
  await expect(asked.getByText("That is not right. Try again.").first()).toBeVisible();
  await use.click();
  await expect(asked).toBeHidden();
  await expect(page.getByText(/AKIA[A-Z0-9]{12,}/).first()).toBeVisible();
});

// Rules: CO-1 CO-13 TH-90
test("root signs in by e-mail address, is told to use a user, and confirms each change", async ({
  page,
  startServerWithRoot,
}) => {
  const secret = `${unique("Pass.word")}-9`;
  const server = await startServerWithRoot(secret, "--dev");
  const { management } = await makeWorld(server);
  const { Account: account } = await management.organizations.send(
    new DescribeAccountCommand({ AccountId: management.id }),
  );
  await page.goto(`${server.site}/_regent/signin?tab=root`);
  await page.getByLabel("E-mail address").fill(account?.Email ?? "");
  await page.getByLabel("Password").fill(secret);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => url.pathname.startsWith(`${consolePath}~`));
  const [session] = (await sessionsOf(page)).sessions;
  expect(session).toMatchObject({ kind: "root", accountId: management.id, arn: `arn:aws:iam::${management.id}:root` });
  if (!session) return;
  await expect(page.getByText(/You are the root user/).first()).toBeVisible();
  await expect(page.getByText(/The root user has no MFA device/).first()).toBeVisible();
  await expectNoAxeViolations(page);
  await page.getByRole("banner").getByRole("button", { name: /root/i }).click();
  const menu = page.getByRole("region", { name: "Account and sessions" });
  await expect(menu.getByText(session.arn)).toBeVisible();
  await expect(menu.getByRole("button", { name: "Switch role" })).toHaveCount(0);
  await expect(menu.getByRole("link", { name: "Switch role" })).toHaveCount(0);
  await expectNoAxeViolations(page);
  await page.keyboard.press("Escape");

  await server.advance("11m");
  const group = unique("grp");
  await open(page, session, "/iam/groups/create");
  await page.getByRole("textbox", { name: "Group name" }).fill(group);
  await page.getByRole("button", { name: "Create group" }).click();
  const asked = dialog(page);
  await expect(asked).toContainText("root");
  await asked.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("Reauthentication required", { exact: false }).first()).toBeVisible();
  await page.getByRole("button", { name: "Create group" }).click();
  await asked.getByLabel("Password").fill(secret);
  await asked.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("heading", { name: group, level: 1 })).toBeVisible();
});
