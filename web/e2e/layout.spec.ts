/**
 * Other languages before there are any: texts that are 40 % longer, as translations are, and a page that is read from
 * the right. The application is what everybody gets: where it looks a text up, this puts its own function.
 */
import type { Page } from "@playwright/test";
import {
  allow,
  consolePath,
  expect,
  expectNoAxeViolations,
  expectNoSidewaysScroll,
  open,
  signIn,
  test,
  unique,
} from "./harness";

/** The place in src/messages where a text is looked up, as the build writes it. */
const lookup = /\w+\.translations\[(\w+)\.area\]\?\.\[(\w+)\]\?\?\1\.messages\[\2\]\?\?\2/;

/** Makes every text of the catalogues longer, by words of the length that others have. */
async function lengthen(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const longer = (text: string) => {
      // Behind the text, so that what is in braces stays what it is.
      const more = Math.ceil(text.replaceAll(/\{[^{}]*\}/g, "").length * 0.4);
      return `${text}${"-verlängerung von wörtern".repeat(Math.ceil(more / 25)).slice(0, more)}`;
    };
    Object.assign(globalThis, { regentLonger: longer });
  });
  await page.route("**/_regent/console/assets/*.js", async (route) => {
    const answer = await route.fetch();
    const script = await answer.text();
    const body = script.replace(lookup, (found) => `globalThis.regentLonger(${found})`);
    await route.fulfill({ response: answer, body });
  });
}

/** Turns pages round. */
async function turn(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const set = () => document.documentElement?.setAttribute("dir", "rtl");
    set();
    document.addEventListener("readystatechange", set);
  });
}

/** Looks at what is shown, on wide and on narrow screens. */
async function look(page: Page, what: string): Promise<void> {
  for (const [width, height] of [
    [320, 640],
    [1280, 800],
  ] as const) {
    await test.step(`${what} at ${width} px`, async () => {
      await page.setViewportSize({ width, height });
      await expect(() => expectNoSidewaysScroll(page)).toPass();
      if (width < 1000) return;
      // A name that has what is seen in it does so no more once each of the two is longer.
      await expectNoAxeViolations(page, { modes: ["light"], without: ["label-content-name-mismatch"] });
    });
  }
}

for (const [name, change] of [
  ["40 % longer", lengthen],
  ["from the right", turn],
] as const) {
  test(`the main pages hold texts that are ${name}`, async ({ page, world }) => {
    test.setTimeout(150_000);
    const { dev, prod } = world;
    const admin = await dev.user({ administrator: true });
    const role = await prod.role({ trusts: dev.id, may: [allow("s3:*")] });
    await dev.role({ name: unique("a-role-with-a-long-name-that-somebody-chose"), trusts: prod.id });
    await dev.bucket({ "a.txt": "a" });
    await change(page);
    const session = await signIn(page, admin);
    const long = change === lengthen;
    for (const path of [
      "/",
      "/iam/roles",
      "/iam/roles/create",
      `/switchrole?account=${prod.id}&roleName=${role.name}&color=f2b0a9`,
      "/s3",
    ]) {
      await open(page, session, path);
      if (long) await expect(page.locator("h1").first()).toHaveText(/-v/);
      else await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
      await page.waitForLoadState("networkidle");
      if (path.endsWith("create")) await expect(page.locator(".code").first()).toHaveCSS("direction", "ltr");
      await look(page, path);
    }
    await page
      .getByRole("banner")
      .getByRole("button", { name: new RegExp(admin.user) })
      .click();
    await expect(page.getByRole("region", { name: /^Account and sessions/ })).toBeVisible();
    await look(page, "the account menu");
    await page.keyboard.press("Escape");
    await page
      .getByRole("banner")
      .getByRole("button", { name: /^Notifications/ })
      .click();
    await look(page, "notifications");
    await page.keyboard.press("Escape");
    await page.keyboard.press("/");
    await expect(page.getByRole("dialog", { name: /^Search or go to/ })).toBeVisible();
    await look(page, "the palette");
    await page.goto(`${world.server.site}/_regent/signin?account=dev`);
    await look(page, "the sign-in");
    expect(page.url()).not.toContain(consolePath);
  });
}
