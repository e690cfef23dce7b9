/** Passkeys: made and asked for by a browser that has an authenticator. */
import type { Page } from "@playwright/test";
import {
  authenticator,
  byName,
  consolePath,
  expect,
  expectNoAxeViolations,
  register,
  sessionsOf,
  test,
  type User,
} from "./harness";

async function withPassword(page: Page, site: string, who: User): Promise<void> {
  await page.goto(`${site}/_regent/signin?account=${who.account.alias}`);
  await page.getByLabel("IAM user name").fill(who.user);
  await page.getByLabel("Password").fill(who.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

const arrived = (page: Page) => page.waitForURL((url) => url.pathname.startsWith(`${consolePath}~`));

// Rules: CO-3 IA-54
test("a passkey is made in the console and opens it, where there is a device to answer", async ({
  page,
  world,
  watch,
}) => {
  const site = byName(world.server);
  watch.trust(site);
  const user = await world.dev.user({ administrator: true });
  const { cdp, id } = await authenticator(page);
  await withPassword(page, site, user);
  await arrived(page);
  const { sessions } = await sessionsOf(page);
  const { status, answer } = await register(page, sessions[0]?.id ?? "");
  expect(status).toBe(200);
  expect(answer.serialNumber).toMatch(new RegExp(`^arn:aws:iam::${world.dev.id}:u2f/user/${user.user}/key-[A-Z2-7]+$`));

  await withPassword(page, site, user);
  const use = page.getByRole("button", { name: "Use a passkey or security key" });
  await expect(use).toBeFocused();
  await expectNoAxeViolations(page);
  await use.click();
  await arrived(page);
  expect((await sessionsOf(page)).sessions.at(-1)).toMatchObject({ userName: user.user, mfa: true });

  // Without the authenticator there is no way in, and the page says so.
  await cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: id });
  await authenticator(page);
  await withPassword(page, site, user);
  await use.click();
  await expect(page.getByRole("status")).toContainText("The passkey did not answer.");

  // By the address of the same server passkeys do not serve.
  await withPassword(page, world.server.site, user);
  await expect(page.getByText("Your passkeys do not serve at this address.").first()).toBeVisible();
  await expect(use).toHaveCount(0);
});
