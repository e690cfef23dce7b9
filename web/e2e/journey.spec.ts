/**
 * The journey that everything is for: people of dev take on a role of prod, by mouse or by keyboard alone, with MFA by a
 * code and by a passkey, and lose it again.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { DeleteGroupPolicyCommand } from "@aws-sdk/client-iam";
import type { Locator, Page } from "@playwright/test";
import {
  type Account,
  allow,
  Authenticator,
  consolePath,
  expect,
  expectNoAxeViolations,
  open,
  seedOf,
  type Session,
  sessionsOf,
  signIn,
  type Statement,
  test,
  type User,
} from "./harness";

/** What lets people see to their own devices, and to nothing else. */
const ownDevices: Statement[] = [
  allow(
    ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:GetMFADevice", "iam:GetUser"],
    ["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:mfa/*"],
  ),
];

const sentence = "Invalid information in one or more fields. Check your information or contact your administrator.";
const sum = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const main = (page: Page) => page.getByRole("main");
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** The button of the top bar that says who one is. */
const bar = (page: Page, who: string) => page.getByRole("banner").getByRole("button", { name: new RegExp(who) });

/** Makes a role with the wizard, which dev may assume, and returns the link that its last page shows. */
async function createRole(page: Page, session: Session, name: string, users: Account): Promise<string> {
  await open(page, session, "/iam/roles");
  await page.getByRole("link", { name: "Create role" }).or(button(page, "Create role")).first().click();
  await page.getByRole("combobox", { name: "Account" }).fill(users.id);
  await page.keyboard.press("Escape");
  await page.getByRole("checkbox", { name: "Require MFA" }).check();
  await button(page, "Next").click();
  await page.getByRole("searchbox", { name: "Find policies by name or action" }).fill("AmazonS3FullAccess");
  await page.getByRole("checkbox", { name: "AmazonS3FullAccess" }).check();
  await button(page, "Next").click();
  await page.getByRole("textbox", { name: "Role name" }).fill(name);
  await expect(page.getByText("Nothing was found.").first()).toBeVisible();
  await main(page).getByRole("button", { name: "Create role" }).click();
  await expect(page.getByRole("heading", { name: `Role ${name} is there` })).toBeVisible();
  await expectNoAxeViolations(page);
  return (await page.getByText(/\/_regent\/signin\/switchrole\?/).innerText()).match(/http\S+/)?.[0] ?? "";
}

/** Makes a group with a user in it, and an inline policy that lets its members assume a role. */
async function createGroup(
  page: Page,
  session: Session,
  group: string,
  member: string,
  account: Account,
  role: string,
) {
  await open(page, session, "/iam/groups/create");
  await page.getByRole("textbox", { name: "Group name" }).fill(group);
  await page.getByRole("checkbox", { name: `Select ${member}` }).click();
  await main(page).getByRole("button", { name: "Create group" }).click();
  await page.getByRole("tab", { name: "Permissions" }).click();
  await page.getByRole("link", { name: "Create inline policy" }).click();
  await page.getByRole("textbox", { name: "Policy name" }).fill("assume-prod");
  await button(page, "Insert a template").click();
  await page.getByRole("menuitem", { name: "Let members assume a role" }).click();
  const dialog = page.getByRole("dialog", { name: "Let members assume a role" });
  await dialog.getByRole("combobox", { name: "Account" }).fill(account.id);
  await page.keyboard.press("Tab");
  await dialog.getByRole("textbox", { name: "Roles" }).fill(role);
  await expectNoAxeViolations(page, { include: "[role=dialog]" });
  await dialog.getByRole("button", { name: "Insert" }).click();
  await button(page, "Save policy").click();
  await page.waitForURL((url) => url.pathname.endsWith(`/iam/groups/${group}`));
  await page.getByRole("tab", { name: "Permissions" }).click();
  await expect(page.getByText("assume-prod").first()).toBeVisible();
}

/** Adds an authenticator app on the user's own page, and gives it to them. */
async function addAuthenticator(page: Page, session: Session, who: User): Promise<void> {
  await open(page, session, "/security-credentials");
  await button(page, "Add device").first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Device name" }).fill(`${who.user}-phone`);
  await dialog.getByRole("button", { name: "Next" }).click();
  await expect(dialog.getByRole("img", { name: "QR code of the key" })).toBeVisible();
  const seed = dialog.getByText(/^[A-Z2-7]{32,}$/);
  await dialog.getByRole("button", { name: /^Show/ }).click({ trial: (await seed.count()) > 0 });
  const phone = new Authenticator(seedOf(await seed.innerText()));
  await expectNoAxeViolations(page, { include: "[role=dialog]" });
  const [first, second] = await phone.pair();
  await dialog.getByRole("textbox", { name: "First code" }).fill(first);
  await dialog.getByRole("textbox", { name: "Second code" }).fill(second);
  await dialog.getByRole("button", { name: "Add device" }).click();
  await expect(page.getByText(`${who.user}-phone is added`).first()).toBeVisible();
  who.totp = phone;
}

/** Switches by an address that was handed on. */
async function switchBy(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await main(page).getByRole("button", { name: "Switch role" }).click();
}

async function upload(page: Page, file: string): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), button(page, "Upload files").click()]);
  await chooser.setFiles(file);
  await expect(page.getByText("1 file is uploaded, 0 failed").first()).toBeVisible({ timeout: 60_000 });
}

async function download(page: Page, name: string): Promise<Buffer> {
  const row = page.getByRole("checkbox", { name: `Select ${name}` });
  await row.click();
  await expect(row).toBeChecked();
  const [given] = await Promise.all([page.waitForEvent("download"), button(page, "Download").click()]);
  return readFile(await given.path());
}

// Rules: CO-3 CO-10 CO-12 CO-16 CO-17 CO-18
test("a role with MFA, a group that may assume it, a switch, 20 MB there and back, and the way home", async ({
  page,
  browser,
  startWorld,
}, info) => {
  test.setTimeout(360_000);
  const world = await startWorld();
  const { prod, dev } = world;
  const prodAdmin = await prod.user({ name: "prod-admin", administrator: true });
  const devAdmin = await dev.user({ name: "dev-admin", administrator: true });
  const alice = await dev.user({ name: "alice", may: ownDevices });
  await prod.bucket({ "2026/invoice.txt": "42.00\n" }, "prod-invoices");

  let link = "";
  const inProd = await signIn(page, prodAdmin);
  await test.step("prod's administrator makes the role", async () => {
    link = await createRole(page, inProd, "s3-admin", dev);
    expect(new URL(link).searchParams.get("account")).toBe("prod");
  });

  await test.step("dev's administrator makes the group and its inline policy", async () => {
    const session = await signIn(page, devAdmin); // beside the other: two sessions of one browser
    await createGroup(page, session, "grp_s3_admin", "alice", prod, "s3-admin");
  });

  const alices = await browser.newContext();
  const tab = await alices.newPage();
  let own = await test.step("without MFA the role is refused, and the user's own side says why", async () => {
    const session = await signIn(tab, alice);
    await switchBy(tab, link);
    await expect(tab.getByText(sentence).first()).toBeVisible();
    await expect(tab.getByText(/MFA/).first()).toBeVisible();
    await addAuthenticator(tab, session, alice);
    return session;
  });

  await test.step("with a code it is given, and prod's buckets are there", async () => {
    own = await signIn(tab, alice);
    expect(own.mfa).toBe(true);
    await switchBy(tab, link);
    await expect(bar(tab, "s3-admin @ prod")).toBeVisible();
    await tab.getByRole("link", { name: "Buckets" }).first().click();
    await tab.getByRole("link", { name: "prod-invoices" }).click();
  });

  await test.step("20 MB go up and come down as they were", async () => {
    const file = info.outputPath("twenty.bin");
    const bytes = randomBytes(20 << 20);
    await writeFile(file, bytes);
    await upload(tab, file);
    expect(sum(await download(tab, "twenty.bin"))).toBe(sum(bytes));
  });

  await test.step("back home nothing of prod is left", async () => {
    await bar(tab, "s3-admin @ prod").click();
    await button(tab, "Back to alice").click();
    await tab.waitForURL((url) => url.pathname.startsWith(`${consolePath}~${own.id}`));
    await open(tab, own, "/s3");
    await expect(tab.getByText(/You may not s3:ListAllMyBuckets/).first()).toBeVisible();
    await open(tab, own, "/s3/prod-invoices");
    await expect(tab.getByText(/You may not s3:ListBucket/).first()).toBeVisible();
  });

  await test.step("a second role stands in the list beside the first", async () => {
    const second = await prod.role({ name: "s3-reader", trusts: dev.id, may: [allow("s3:ListAllMyBuckets")] });
    await dev.allowUser("alice", ...ownDevices, allow("sts:AssumeRole", second.arn));
    await switchBy(tab, link.replaceAll("s3-admin", "s3-reader"));
    await bar(tab, "s3-reader @ prod").click();
    const menu = tab.getByRole("region", { name: "Account and sessions" });
    await expect(menu.getByRole("link", { name: /s3-reader @ prod/ }).first()).toBeVisible();
    await menu.getByRole("link", { name: /s3-admin @ prod/ }).click();
    await main(tab).getByRole("button", { name: "Switch role" }).click();
    await expect(bar(tab, "s3-admin @ prod")).toBeVisible();
    expect((await sessionsOf(tab)).sessions).toHaveLength(3);
  });

  await test.step("what is revoked in prod is over in alice's tab, and not before", async () => {
    await tab.getByRole("link", { name: "Buckets" }).first().click();
    await expect(tab.getByRole("link", { name: "prod-invoices" })).toBeVisible();
    await open(page, inProd, "/iam/roles/s3-admin?tab=sessions");
    await expect(page.getByRole("row", { name: /alice/ }).first()).toBeVisible();
    await button(page, "Revoke all").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").fill("s3-admin");
    await dialog
      .getByRole("button", { name: /Revoke|Delete/ })
      .last()
      .click();
    await expect(page.getByText("Revoked. The credentials are invalid now.").first()).toBeVisible();
    // The trust goes too: else the next credentials were asked for, and given.
    await dev.allowUser("alice", ...ownDevices);
    await dev.iam.send(new DeleteGroupPolicyCommand({ GroupName: "grp_s3_admin", PolicyName: "assume-prod" }));
    await button(tab, "Refresh").click();
    const overlay = tab.getByRole("dialog", { name: "The role was not given again" });
    await overlay.getByRole("button", { name: "Back to alice" }).click();
    await expect(bar(tab, "alice")).toBeVisible();
  });
  await alices.close();
});

// Rules: CO-3
test("a passkey that the user added on the console is MFA to a role that asks for it", async ({
  page,
  startWorld,
  watch,
}) => {
  test.setTimeout(180_000);
  const world = await startWorld();
  const site = world.server.site.replace("127.0.0.1", "localhost"); // passkeys are bound to a name
  watch.trust(site);
  const condition = { Bool: { "aws:MultiFactorAuthPresent": "true" } };
  const role = await world.prod.role({ trusts: world.dev.id, condition, may: [allow("s3:ListAllMyBuckets")] });
  const alice = await world.dev.user({ may: [...ownDevices, allow("sts:AssumeRole", role.arn)] });
  await world.prod.bucket({}, "prod-by-passkey");
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
  } as const;
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { ...options, isUserVerified: true, automaticPresenceSimulation: true },
  });

  const without = await signIn(page, alice, consolePath, site);
  await open(page, without, "/security-credentials");
  await button(page, "Add device").first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: "Passkey or security key" }).check();
  await dialog.getByRole("textbox", { name: "Device name" }).fill("laptop");
  await dialog.getByRole("button", { name: "Next" }).click();
  await dialog.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByText("laptop is added").first()).toBeVisible();

  await page.goto(`${site}/_regent/signin?account=dev`);
  await page.getByLabel("IAM user name").fill(alice.user);
  await page.getByLabel("Password").fill(alice.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("button", { name: "Use a passkey or security key" }).click();
  await page.waitForURL((url) => url.pathname.startsWith(consolePath));
  const session = (await sessionsOf(page)).sessions.find((s) => s.mfa);
  if (!session) throw new Error("no session with MFA");
  await open(page, session, `/switchrole?account=prod&roleName=${role.name}`);
  await main(page).getByRole("button", { name: "Switch role" }).click();
  await expect(bar(page, `${role.name} @ prod`)).toBeVisible();
  await page.getByRole("link", { name: "Buckets" }).first().click();
  await expect(page.getByRole("link", { name: "prod-by-passkey" })).toBeVisible();
});

test.describe("by keyboard alone", () => {
  /** Presses a key until something, or something in it, has the focus: as somebody would who sees where it is. */
  async function pressUntil(page: Page, key: string, target: Locator, most = 80): Promise<void> {
    for (let i = 0; i < most; i++) {
      const there = await target
        .first()
        .evaluate((element) => element.contains(document.activeElement))
        .catch(() => false);
      if (there) return;
      await page.keyboard.press(key);
    }
    throw new Error(`${target} was not reached with ${most} times ${key}`);
  }

  const tabTo = (page: Page, target: Locator) => pressUntil(page, "Tab", target);

  async function press(page: Page, target: Locator, key = "Enter"): Promise<void> {
    await tabTo(page, target);
    await page.keyboard.press(key);
  }

  async function type(page: Page, target: Locator, text: string): Promise<void> {
    await tabTo(page, target);
    await page.keyboard.type(text);
  }

  test("signing in, switching, seeing a bucket, going back and signing out", async ({ page, world }) => {
    test.setTimeout(180_000);
    const role = await world.prod.role({ trusts: world.dev.id, may: [allow("s3:*")] });
    const alice = await world.dev.user({ may: [allow("sts:AssumeRole", role.arn)] });
    const bucket = await world.prod.bucket({ "a.txt": "text" });
    await page.goto(`${world.server.url}/_regent/signin?account=dev`);
    await expect(page.getByLabel("IAM user name")).toBeFocused();
    await page.keyboard.type(alice.user);
    await type(page, page.getByLabel("Password"), alice.password);
    await page.keyboard.press("Enter");
    await expect(bar(page, alice.user)).toBeVisible();
    const own = /^.*~[^/]*\//.exec(new URL(page.url()).pathname)?.[0] ?? "";
    expect(own).not.toBe("");

    await page.keyboard.press("/");
    await page.keyboard.type("Switch role");
    await expect(page.getByRole("option", { name: /Switch role/ }).first()).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Switch role", level: 1 })).toBeVisible();
    await type(page, page.getByLabel("Account", { exact: true }), "prod");
    await type(page, page.getByLabel("Role name"), role.name);
    await page.keyboard.press("Enter");
    await expect(bar(page, `${role.name} @ prod`)).toBeVisible();

    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await expect(page.getByRole("heading", { name: /Buckets/, level: 1 })).toBeVisible();
    await tabTo(page, page.getByRole("grid", { name: "Buckets" })); // one stop of Tab; arrows go on within
    const row = page.getByRole("row", { name: new RegExp(`Select ${bucket}`) });
    await pressUntil(page, "ArrowDown", row);
    await pressUntil(page, "ArrowRight", row.getByRole("link", { name: bucket }));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("link", { name: "a.txt" })).toBeVisible();

    await press(page, bar(page, `${role.name} @ prod`));
    await press(page, button(page, `Back to ${alice.user}`));
    await page.waitForURL((url) => url.pathname.startsWith(own));
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(bar(page, alice.user)).toBeVisible();
    await press(page, bar(page, alice.user));
    await page.keyboard.press("Escape");
    await expect(bar(page, alice.user)).toBeFocused();
    await page.keyboard.press("Enter");
    await press(page, button(page, "Sign out"));
    await page.waitForURL((url) => url.pathname === "/_regent/signin");
  });

  test("creating a role", async ({ page, world }) => {
    test.setTimeout(180_000);
    const session = await signIn(page, await world.prod.user({ administrator: true }));
    await open(page, session, "/iam/roles/create");
    await tabTo(page, page.getByRole("radio", { name: "AWS account" }));
    await type(page, page.getByRole("combobox", { name: "Account" }), world.dev.id);
    await page.keyboard.press("Escape");
    await press(page, page.getByRole("checkbox", { name: "Require MFA" }), "Space");
    await press(page, button(page, "Next"));
    await type(
      page,
      page.getByRole("searchbox", { name: "Find policies by name or action" }),
      "AmazonS3ReadOnlyAccess",
    );
    await expect(page.getByText("1 policy", { exact: true }).first()).toBeVisible();
    await press(page, page.getByRole("checkbox", { name: "AmazonS3ReadOnlyAccess" }), "Space");
    await press(page, button(page, "Next"));
    const name = `by-keyboard-${Date.now().toString(36)}`;
    await type(page, page.getByRole("textbox", { name: "Role name" }), name);
    await expect(page.getByText("Nothing was found.").first()).toBeVisible();
    await press(page, main(page).getByRole("button", { name: "Create role" }));
    await expect(page.getByRole("heading", { name: `Role ${name} is there` })).toBeVisible();
  });
});
