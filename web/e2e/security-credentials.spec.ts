/** One's own credentials: devices, keys, the password, and leaving everywhere. */
import type { Page } from "@playwright/test";
import {
  allow,
  Authenticator,
  expect,
  expectNoAxeViolations,
  expectNoSidewaysScroll,
  open,
  seedOf,
  sessionsOf,
  signIn,
  test,
} from "./harness";

const self = "arn:aws:iam::*:user/${aws:username}";

const dialog = (page: Page) => page.getByRole("dialog");
const main = (page: Page) => page.getByRole("main");
const row = (page: Page, name: string) => main(page).getByRole("row", { name: new RegExp(name) });

/** Adds an authenticator app by its key, as somebody does who types it. */
async function addApp(page: Page, name: string): Promise<Authenticator> {
  await dialog(page).getByLabel("Device name").fill(name);
  await dialog(page).getByRole("button", { name: "Next" }).click();
  await expect(dialog(page).getByRole("img", { name: "QR code of the key" })).toBeVisible();
  await dialog(page).getByRole("button", { name: "Show Key" }).click();
  const seed = await dialog(page).locator("code.break").textContent();
  const app = new Authenticator(seedOf(seed ?? ""));
  const [first, second] = await app.pair();
  await dialog(page).getByLabel("First code").fill(first);
  await dialog(page).getByLabel("Second code").fill(second);
  await dialog(page).getByRole("button", { name: "Add device" }).click();
  return app;
}

// Rules: CO-3 IA-54
test("a user adds a device, is asked for its codes, and replaces it without a gap", async ({ page, world }) => {
  const alice = await world.dev.user({
    may: [
      allow(["iam:ListMFADevices", "iam:EnableMFADevice", "iam:DeactivateMFADevice"], self),
      allow(["iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice"], "arn:aws:iam::*:mfa/*"),
    ],
  });
  const session = await signIn(page, alice);
  await open(page, session, "/security-credentials");
  await expect(main(page).getByText("No MFA device")).toBeVisible();
  await main(page).getByRole("button", { name: "Add device" }).first().click();
  await expectNoAxeViolations(page);
  alice.totp = await addApp(page, alice.user);
  await expect(row(page, alice.user)).toContainText("Authenticator app");

  await signIn(page, alice, `/_regent/console/security-credentials`);
  expect((await sessionsOf(page)).sessions.at(-1)).toMatchObject({ userName: alice.user, mfa: true });
  await row(page, alice.user).getByRole("radio").click();
  await main(page).getByRole("button", { name: "Replace" }).click();
  const fresh = await addApp(page, `${alice.user}-new`);
  await dialog(page).getByRole("button", { name: "Remove the old one" }).click();
  await expect(dialog(page)).not.toContainText("It is the last device");
  await dialog(page).getByRole("textbox").fill(alice.user);
  await dialog(page).getByRole("button", { name: "Remove" }).click();
  // The sessions end with the device: the new one opens the console.
  await page.waitForURL(/\/_regent\/signin/);
  alice.totp = fresh;
  await signIn(page, alice, `/_regent/console/security-credentials`);
  await expect(row(page, `${alice.user}-new`)).toBeVisible();
  await expect(main(page).getByRole("row")).not.toContainText([new RegExp(`${alice.user}Auth`)]);
});

// Rules: IA-50 IA-51 TH-90
test("a key is created where a better way was offered first, and rotated", async ({ page, world }) => {
  const bob = await world.dev.user({ may: [allow("iam:*AccessKey*", self)] });
  const session = await signIn(page, bob);
  await open(page, session, "/security-credentials");
  await main(page).getByRole("button", { name: "Create access key" }).first().click();
  const create = dialog(page).getByRole("button", { name: "Create an access key anyway" });
  await expect(create).toBeDisabled();
  await dialog(page)
    .getByRole("radio", { name: /server or in a cluster/ })
    .check();
  await expect(dialog(page)).toContainText("There is a better way");
  await create.click();
  await expect(dialog(page)).toContainText("aws configure import --csv");
  const download = page.waitForEvent("download");
  await dialog(page).getByRole("button", { name: "Download .csv" }).click();
  const file = await (await download).createReadStream();
  const text = (await file.toArray()).join("");
  expect(text).toMatch(new RegExp(`^User Name,Access key ID,Secret access key\r\n${bob.user},AKIA\\w{16},`));
  await expectNoAxeViolations(page, { modes: ["light"] });
  await dialog(page).getByRole("button", { name: "Done" }).click();
  const id = /AKIA\w{16}/.exec(text)?.[0] ?? "";
  await expect(row(page, id)).toContainText("Never");

  await row(page, id).getByRole("radio").click();
  await main(page).getByRole("button", { name: "Rotate" }).click();
  await dialog(page).getByRole("button", { name: "Create access key" }).click();
  await dialog(page).getByRole("button", { name: "Create access key" }).click();
  await dialog(page).getByRole("button", { name: "Done" }).click();
  await dialog(page).getByRole("button", { name: "Deactivate" }).click();
  await expect(dialog(page)).toContainText("It is inactive.");
  await expectNoAxeViolations(page);
  await dialog(page).getByRole("button", { name: "Delete" }).click();
  await dialog(page).getByRole("textbox").fill(id);
  await dialog(page).getByRole("button", { name: "Delete" }).click();
  await expect(row(page, id)).toHaveCount(0);
  await expect(row(page, "AKIA")).toHaveCount(1);
});

// Rules: IA-52 CO-2
test("whoever may do nothing reaches the page, is told what is missing, and still leaves everywhere", async ({
  page,
  world,
}) => {
  const carol = await world.dev.user();
  const session = await signIn(page, carol);
  await open(page, session, "/security-credentials");
  await expect(main(page).getByText(/You may not iam:ListMFADevices/)).toBeVisible();
  await expect(main(page).getByText(/You may not iam:ListAccessKeys/)).toBeVisible();
  await main(page).getByLabel("Current password").fill(carol.password);
  await main(page).getByLabel("New password", { exact: true }).fill("Another.Pass-1");
  await main(page).getByLabel("New password again").fill("Another.Pass-1");
  await main(page).getByRole("button", { name: "Change password" }).click();
  await expect(main(page).getByText(/You may not iam:ChangePassword/)).toBeVisible();
  await expectNoAxeViolations(page);
  await page.setViewportSize({ width: 320, height: 640 });
  await expectNoSidewaysScroll(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await main(page).getByRole("button", { name: "Sign out everywhere" }).click();
  await dialog(page).getByRole("button", { name: "Sign out everywhere" }).click();
  await page.waitForURL(/\/_regent\/signin/);
});

// Rules: IA-52
test("a password is changed by whoever knows the old one, and the session ends with it", async ({ page, world }) => {
  const dave = await world.dev.user({ may: [allow("iam:ChangePassword", self)] });
  const session = await signIn(page, dave);
  await open(page, session, "/security-credentials");
  const fill = async (before: string, after: string) => {
    await main(page).getByLabel("Current password").fill(before);
    await main(page).getByLabel("New password", { exact: true }).fill(after);
    await main(page).getByLabel("New password again").fill(after);
    await main(page).getByRole("button", { name: "Change password" }).click();
  };
  await fill("wrong-one", "Another.Pass-1");
  await expect(main(page).getByText("That is not the current password.")).toBeVisible();
  await fill(dave.password, "Another.Pass-1");
  await page.waitForURL(/\/_regent\/signin/);
  dave.password = "Another.Pass-1";
  await signIn(page, dave);
});

// Rules: CO-3 IA-54
test("a passkey is made on the page, by the name of the server", async ({ page, world, watch }) => {
  const site = world.server.site.replace("127.0.0.1", "localhost");
  watch.trust(site);
  const erin = await world.dev.user({ may: [allow(["iam:ListMFADevices", "iam:EnableMFADevice"], self)] });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "usb", automaticPresenceSimulation: true },
  });
  await page.goto(`${site}/_regent/signin?account=dev&return=/_regent/console/security-credentials`);
  await page.getByLabel("IAM user name").fill(erin.user);
  await page.getByLabel("Password").fill(erin.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await main(page).getByRole("button", { name: "Add device" }).first().click();
  await dialog(page)
    .getByRole("radio", { name: /Passkey or security key/ })
    .check();
  await dialog(page).getByLabel("Device name").fill("my-key");
  await dialog(page).getByRole("button", { name: "Next" }).click();
  await dialog(page).getByRole("button", { name: "Go on" }).click();
  await expect(row(page, "my-key")).toContainText("Passkey or security key");
});
