/** Users: made, seen with what they may do, changed; what they sign in and work with, in an administrator's hands. */
import { generateKeyPairSync } from "node:crypto";
import { GetLoginProfileCommand, ListSigningCertificatesCommand, ListSSHPublicKeysCommand } from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { certificate } from "./harness/tls";
import { allow, expect, expectNoAxeViolations, open, signIn, test, unique } from "./harness";

const dialog = (page: Page) => page.getByRole("dialog");
const main = (page: Page) => page.getByRole("main");

// Rules: IA-52 CO-2
test("a user is made like another one, and signs in with the password that was shown once", async ({ page, world }) => {
  const group = await world.dev.group({ may: [allow("iam:ListUsers")] });
  const model = await world.dev.user({ groups: [group] });
  const admin = await world.dev.user({ administrator: true });
  const name = unique("new");
  const session = await signIn(page, admin);
  await open(page, session, "/iam/users/create");
  await main(page).getByLabel("User names").fill(name);
  await expectNoAxeViolations(page, { modes: ["light"] });
  await main(page).getByRole("button", { name: "Next", exact: true }).click();
  await main(page).getByLabel("Name", { exact: true }).fill(model.user);
  await main(page).getByRole("button", { name: "Copy", exact: true }).click();
  await expect(main(page).getByText(group).first()).toBeVisible();
  await main(page).getByRole("button", { name: "Next", exact: true }).click();
  await main(page).getByRole("button", { name: "Create users" }).click();
  await main(page)
    .getByRole("button", { name: `Show Password ${name}` })
    .click();
  const password = (await main(page).getByRole("row", { name }).locator("code").textContent()) ?? "";
  expect(password.length).toBeGreaterThanOrEqual(20);
  await expectNoAxeViolations(page, { modes: ["light"] });

  await open(page, session, `/iam/users/${name}?tab=groups`);
  await expect(main(page).getByRole("link", { name: group })).toBeVisible();
  await page.goto(`${world.server.site}/_regent/signin?account=dev`);
  await page.getByLabel("IAM user name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { name: /password/i }).first()).toBeVisible();
});

test("a user's page says what is left of their permissions, and takes a password away", async ({ page, world }) => {
  test.setTimeout(150_000);
  const someone = await world.dev.user({ may: [allow("s3:ListAllMyBuckets")] });
  const admin = await world.dev.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, `/iam/users/${someone.user}`);
  await expect(main(page).getByRole("row", { name: /s3:ListAllMyBuckets/ })).toContainText("Allowed");
  await expect(main(page).getByRole("row", { name: /iam:CreateUser/ })).toContainText("No policy allows it");
  await expectNoAxeViolations(page);
  await main(page).getByRole("tab", { name: "Security credentials" }).click();
  await main(page).getByRole("button", { name: "Disable console access" }).click();
  await dialog(page).getByRole("textbox").fill(someone.user);
  await dialog(page).getByRole("button", { name: "Disable console access" }).click();
  await expect(main(page).getByText("No password").first()).toBeVisible();
  await expectNoAxeViolations(page);

  // And gives another one, which has to be changed.
  await main(page).getByRole("button", { name: "Enable console access" }).click();
  await dialog(page).getByRole("radio", { name: "One of your own" }).click();
  await dialog(page).getByLabel("One of your own").last().fill("First.Pass-1");
  await expectNoAxeViolations(page);
  await dialog(page).getByRole("button", { name: "Enable console access" }).click();
  await dialog(page).getByRole("button", { name: "Show Password" }).click();
  await expect(dialog(page).getByText("First.Pass-1")).toBeVisible();
  await dialog(page).getByRole("button", { name: "Done" }).click();
  await main(page).getByRole("button", { name: "Set a new password" }).click();
  await dialog(page)
    .getByRole("checkbox", { name: /A new password has to be chosen/ })
    .uncheck();
  await dialog(page).getByRole("button", { name: "Set a new password" }).click();
  await dialog(page).getByRole("button", { name: "Show Password" }).click();
  const drawn = (await dialog(page).locator("code").textContent()) ?? "";
  expect(drawn.length).toBeGreaterThanOrEqual(20);
  await dialog(page).getByRole("button", { name: "Done" }).click();
  const { LoginProfile } = await world.dev.iam.send(new GetLoginProfileCommand({ UserName: someone.user }));
  expect(LoginProfile?.PasswordResetRequired).toBe(false);
  await expect(main(page).getByText("A new password has to be chosen")).toHaveCount(0);

  await open(page, session, `/iam/users?more=1&q=${someone.user}`);
  await expect(main(page).getByRole("row", { name: new RegExp(someone.user) })).toBeVisible();
  await expect(main(page).getByText(/From the credential report of/)).toBeVisible();
  for (const column of ["Password age, days", "Oldest active key, days", "Last activity"]) {
    await expect(main(page).getByRole("columnheader", { name: column })).toBeVisible();
  }
  await expectNoAxeViolations(page, { modes: ["light"] });
});

test("a user's groups, boundary and tags are changed, and what is left of the permissions follows", async ({
  page,
  world,
}) => {
  test.setTimeout(150_000);
  const group = await world.dev.group({ may: [allow("s3:*")] });
  const someone = await world.dev.user();
  const admin = await world.dev.user({ administrator: true });
  const session = await signIn(page, admin);
  const verdict = main(page).getByRole("row", { name: /s3:PutObject/ });
  await open(page, session, `/iam/users/${someone.user}?tab=groups`);
  await main(page).getByRole("button", { name: "Add to groups" }).click();
  await dialog(page)
    .getByRole("button", { name: /Choose groups/ })
    .click();
  await page.getByRole("option", { name: group, exact: true }).click();
  await page.keyboard.press("Escape");
  await expectNoAxeViolations(page);
  await dialog(page).getByRole("button", { name: "Add to groups" }).click();
  await expect(main(page).getByRole("link", { name: group })).toBeVisible();
  await main(page).getByRole("tab", { name: "Permissions" }).click();
  await expect(verdict).toContainText("Allowed");

  await main(page).getByRole("button", { name: "Set boundary" }).click();
  await dialog(page).getByRole("searchbox").fill("AmazonS3ReadOnlyAccess");
  await dialog(page).getByRole("radio", { name: "AmazonS3ReadOnlyAccess" }).check();
  await expectNoAxeViolations(page);
  await dialog(page).getByRole("button", { name: "Set boundary" }).click();
  await expect(page.getByText("The permissions boundary was set.").first()).toBeVisible();
  await expect(verdict).toContainText("boundary");
  await main(page).getByRole("button", { name: "Remove boundary" }).click();
  await dialog(page).getByRole("textbox").fill(someone.user);
  await expectNoAxeViolations(page, { modes: ["light"] });
  await dialog(page).getByRole("button", { name: "Remove boundary" }).click();
  await expect(verdict).toContainText("Allowed");

  await main(page).getByRole("tab", { name: "Groups" }).click();
  await main(page)
    .getByRole("checkbox", { name: `Select ${group}` })
    .click();
  await main(page).getByRole("button", { name: "Remove from groups" }).click();
  await expect(dialog(page)).toContainText("can no longer be done");
  await dialog(page).getByRole("textbox").fill(someone.user);
  await dialog(page).getByRole("button", { name: "Remove from groups" }).click();
  await expect(main(page).getByText("In no group")).toBeVisible();
  await main(page).getByRole("tab", { name: "Tags" }).click();
  await main(page).getByRole("tabpanel", { name: "Tags" }).getByRole("button", { name: "Edit" }).click();
  await main(page).getByRole("button", { name: "Add tag" }).click();
  await main(page).getByRole("textbox", { name: "Key" }).fill("team");
  await expectNoAxeViolations(page, { modes: ["light"] });
  await main(page).getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText(`The tags of ${someone.user} are saved.`).first()).toBeVisible();
});

/** A public key as ssh-keygen writes it. */
function sshKey(): string {
  const { n = "" } = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" });
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, bytes.length >> 8, bytes.length & 255]), bytes]);
  const modulus = Buffer.concat([Buffer.from([0]), Buffer.from(n, "base64url")]);
  const blob = Buffer.concat([Buffer.from("ssh-rsa"), Buffer.from([1, 0, 1]), modulus].map(field));
  return `ssh-rsa ${blob.toString("base64")} alice@laptop`;
}

// Rules: IA-54 IA-55
test("a user's device, SSH keys and certificates are looked after by an administrator", async ({ page, world }) => {
  const someone = await world.dev.user({ mfa: true });
  const asked = { UserName: someone.user };
  const admin = await world.dev.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, `/iam/users/${someone.user}?tab=security`);
  const select = (table: string) =>
    main(page)
      .getByRole("grid", { name: new RegExp(table) })
      .getByRole("radio")
      .first();

  await select("MFA devices").click();
  await main(page).getByRole("button", { name: "Synchronize" }).click();
  const synchronize = dialog(page).getByRole("button", { name: "Synchronize" });
  await dialog(page).getByLabel("First code").fill("000000");
  await dialog(page).getByLabel("Second code").fill("0");
  await synchronize.click();
  await expect(dialog(page).getByText("A code has six digits.")).toBeVisible();
  await expectNoAxeViolations(page);
  await dialog(page)
    .getByLabel("First code")
    .fill((await someone.totp?.code()) ?? "");
  await dialog(page)
    .getByLabel("Second code")
    .fill((await someone.totp?.code()) ?? "");
  await synchronize.click();
  await expect(page.getByText(/is synchronized\.$/).first()).toBeVisible();

  await main(page).getByRole("button", { name: "Upload SSH key" }).click();
  const upload = dialog(page).getByRole("button", { name: /^Upload/ });
  await dialog(page).getByLabel("Public key").fill("-----BEGIN PRIVATE KEY-----");
  await expect(dialog(page).getByText("This is a private key")).toBeVisible();
  await expect(upload).toBeDisabled();
  await dialog(page).getByLabel("Public key").fill("ssh-rsa AAAA");
  await upload.click();
  await expect(dialog(page).getByText("The public key is malformed or otherwise invalid.")).toBeVisible();
  await expectNoAxeViolations(page);
  await dialog(page).getByLabel("Public key").fill(sshKey());
  await upload.click();
  await expect(main(page).getByRole("row", { name: /APKA\w+/ })).toContainText("Active");
  await select("SSH public keys").click();
  await main(page).getByRole("button", { name: "Deactivate", disabled: false }).click();
  await expect(main(page).getByRole("row", { name: /APKA\w+/ })).toContainText("Inactive");

  await main(page).getByRole("button", { name: "Upload certificate" }).click();
  await dialog(page)
    .getByLabel("Certificate, as PEM")
    .fill((await certificate()).pem);
  await upload.click();
  await expect(
    main(page)
      .getByRole("grid", { name: /Signing certificates/ })
      .getByText("Active"),
  ).toBeVisible();
  const { Certificates } = await world.dev.iam.send(new ListSigningCertificatesCommand(asked));
  expect(Certificates).toHaveLength(1);

  const { SSHPublicKeys } = await world.dev.iam.send(new ListSSHPublicKeysCommand(asked));
  const id = SSHPublicKeys?.[0]?.SSHPublicKeyId ?? "";
  await main(page).getByRole("button", { name: "Delete", exact: true, disabled: false }).last().click();
  await dialog(page).getByRole("textbox").fill(id);
  await dialog(page).getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText(`${id} is deleted.`).first()).toBeVisible();
  expect((await world.dev.iam.send(new ListSSHPublicKeysCommand(asked))).SSHPublicKeys).toEqual([]);
});

test("whoever may see the user alone is told at each panel what is missing", async ({ page, world }) => {
  const someone = await world.dev.user();
  const reader = await world.dev.user({ may: [allow("iam:GetUser")] });
  const session = await signIn(page, reader);
  await open(page, session, `/iam/users/${someone.user}`);
  await expect(main(page).getByRole("link", { name: someone.arn })).toBeVisible();
  for (const action of ["iam:ListAttachedUserPolicies", "iam:ListUserPolicies", "iam:ListGroupsForUser"]) {
    await expect(
      main(page)
        .getByText(new RegExp(`You may not ${action}`))
        .first(),
    ).toBeVisible();
  }
  await expectNoAxeViolations(page, { modes: ["light"] });
});

test("whoever may create nothing fills in the forms, and is told so by the server", async ({ page, world }) => {
  const nobody = await world.dev.user();
  const session = await signIn(page, nobody);
  await open(page, session, "/iam/users/create");
  await main(page).getByLabel("User names").fill(unique("new"));
  await main(page).getByRole("button", { name: "Next", exact: true }).click();
  await expect(
    main(page)
      .getByText(/You may not iam:ListGroups/)
      .first(),
  ).toBeVisible();
  await expectNoAxeViolations(page, { modes: ["light"] });
  await main(page).getByRole("button", { name: "Next", exact: true }).click();
  await main(page).getByRole("button", { name: "Create users" }).click();
  await expect(main(page).getByText(/You may not iam:CreateUser/)).toBeVisible();
  await expectNoAxeViolations(page, { modes: ["light"] });

  const name = unique("grp");
  await open(page, session, "/iam/groups/create");
  await main(page).getByRole("textbox", { name: "Group name" }).fill(name);
  await main(page).getByRole("button", { name: "Create group" }).click();
  await expect(main(page).getByText(/You may not iam:CreateGroup/)).toBeVisible();
  await expect(main(page).getByRole("textbox", { name: "Group name" })).toHaveValue(name);

  await open(page, session, "/iam/providers");
  await main(page).getByRole("button", { name: "Add OpenID Connect provider" }).click();
  await dialog(page).getByLabel("Provider URL").fill("https://idp.example");
  await dialog(page).getByRole("button", { name: "Add OpenID Connect provider" }).click();
  await expect(dialog(page).getByText(/You may not iam:CreateOpenIDConnectProvider/)).toBeVisible();
  await expectNoAxeViolations(page, { modes: ["light"] });
});
