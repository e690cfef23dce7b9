/** What stands around every page: the top bar and its menus, the palette and the shortcuts. */
import type { Page } from "@playwright/test";
import {
  call,
  consolePath,
  expect,
  expectNoAxeViolations,
  expectNoSidewaysScroll,
  open,
  sessionsOf,
  signIn,
  test,
  unique,
} from "./harness";

const bar = (page: Page) => page.getByRole("banner");

/** Looks at what is open on wide and on narrow screens, in light and in dark. */
async function look(page: Page): Promise<void> {
  await expectNoAxeViolations(page);
  await page.setViewportSize({ width: 320, height: 640 });
  await expect(() => expectNoSidewaysScroll(page)).toPass();
  await expectNoAxeViolations(page, { modes: ["light"] });
  await page.setViewportSize({ width: 1280, height: 800 });
}

test("the bar's menus say who and where one is, and what was done", async ({ page, context, world }) => {
  test.setTimeout(120_000);
  await context.grantPermissions(["clipboard-write"]);
  const { dev, prod } = world;
  const admin = await dev.user({ administrator: true });
  const role = await prod.role({ trusts: dev.id });
  const session = await signIn(page, admin);
  const pin = {
    account: prod.id,
    accountAlias: "prod",
    roleName: role.name,
    displayName: "the pinned",
    color: "83d4e8",
  };
  expect((await call(page, "pins", { session: session.id, role: pin, pinned: true })).status).toBe(200);
  const group = unique("grp");
  await open(page, session, "/iam/groups/create");
  await page.getByRole("textbox", { name: "Group name" }).fill(group);
  await page.getByRole("button", { name: "Create group" }).click();
  await expect(page.getByRole("heading", { name: group, level: 1 })).toBeVisible();

  const notifications = bar(page).getByRole("button", { name: /^Notifications/ });
  await expect(notifications).toHaveAccessibleName("Notifications, 1 unread");
  await notifications.click();
  const past = page.getByRole("region", { name: "Notifications" });
  await expect(past.getByRole("listitem")).toContainText([group]);
  await expect(notifications).toHaveAccessibleName("Notifications");
  await look(page);
  await past.getByRole("button", { name: "Clear" }).click();
  await expect(past.getByRole("listitem")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(notifications).toBeFocused();

  await bar(page).getByRole("button", { name: "Region: us-east-1" }).click();
  await expect(page.getByText("Requests are signed for this region.").first()).toBeVisible();
  await expectNoAxeViolations(page);
  await page.keyboard.press("Escape");

  await bar(page)
    .getByRole("button", { name: new RegExp(admin.user) })
    .click();
  const menu = page.getByRole("region", { name: "Account and sessions" });
  for (const text of [/^\d{4}-\d{4}-\d{4}$/, "dev", admin.arn, "Signed in without MFA", /min left/]) {
    await expect(menu.getByText(text).first()).toBeVisible();
  }
  await expect(menu.getByRole("link", { name: /the pinned/ })).toBeVisible();
  await look(page);
  await menu.getByRole("button", { name: "Copy link" }).click();
  await expect(menu.getByText("Link copied; it opens in this account")).toBeVisible();
  await menu.getByRole("button", { name: "Unpin the pinned" }).click();
  await expect(menu.getByRole("link", { name: /the pinned/ })).toHaveCount(0);
  expect((await sessionsOf(page)).pinned[session.id]).toEqual([]);
  await menu.getByRole("button", { name: "Dark" }).click();
  await expect(page.locator("body")).toHaveClass(/awsui-dark-mode/);
  await menu.getByRole("button", { name: "System" }).click();

  // The link, as somebody gets it who has the same account open. No page may read the clipboard: it is pasted.
  const link = `${world.server.site}${consolePath}iam/groups/${group}?account=${dev.id}`;
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  const field = page.getByRole("combobox", { name: /^A page, a name/ });
  await expect(field).toBeFocused();
  await page.keyboard.press("Control+v");
  await expect(field).toHaveValue(link);
  await page.goto(link);
  await expect(page.getByRole("heading", { name: group, level: 1 })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe(`${consolePath}~${session.id}/iam/groups/${group}`);
});

test("the palette finds pages, things and what is pasted; the letters lead; what was opened comes first", async ({
  page,
  world,
}) => {
  test.setTimeout(120_000);
  const { dev } = world;
  const admin = await dev.user({ administrator: true });
  const role = await dev.role({ trusts: dev.id });
  const bucket = await dev.bucket();
  const key = await dev.accessKey(admin.user);
  const session = await signIn(page, admin);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const options = page.getByRole("option");
  const at = (path: string) =>
    page.waitForURL((url) => url.pathname.replace(/\/$/, "") === `${consolePath}~${session.id}${path}`);

  for (const [letter, path] of [
    ["u", "/iam/users"],
    ["g", "/iam/groups"],
    ["r", "/iam/roles"],
    ["p", "/iam/policies"],
    ["s", "/s3"],
    ["h", ""],
  ] as const) {
    await page.keyboard.press("g");
    await page.keyboard.press(letter);
    await at(path);
  }

  for (const [typed, path] of [
    [role.name, `/iam/roles/${role.name}`],
    [bucket, `/s3/${bucket}`],
    [admin.arn, `/iam/users/${admin.user}`],
    [dev.id, "/iam"],
    [world.prod.id, `/org/accounts/${world.prod.id}`],
    [key.accessKeyId, `/iam/users/${admin.user}`],
  ] as const) {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: /^A page, a name/ }).fill(typed);
    await expect(options.filter({ hasText: typed }).first()).toBeVisible();
    await page.keyboard.press("Enter");
    await at(path);
    await expect(page.getByRole("dialog", { name: "Search or go to" })).toBeHidden();
  }

  await expect(page.getByRole("heading", { name: admin.user, level: 1 })).toBeVisible();
  await page.keyboard.press("/");
  await expect(options.first()).toContainText(admin.user); // whose page is the last that was opened
  await look(page);
  await page.getByRole("combobox", { name: /^A page, a name/ }).fill("no such thing");
  await expect(page.getByText("Nothing found.").first()).toBeVisible();
  await page.keyboard.press("Escape");

  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(help.getByRole("row", { name: /Go to Roles/ })).toBeVisible();
  await look(page);
  await page.keyboard.press("Escape");
  await expect(help).toBeHidden();

  await open(page, session, "/");
  const main = page.getByRole("main");
  await expect(main.getByRole("link", { name: bucket })).toBeVisible();
  await main.getByRole("link", { name: role.name }).click();
  await at(`/iam/roles/${role.name}`);
});
