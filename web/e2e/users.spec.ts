/** Users: made, seen with what they may do, changed. */
import type { Page } from "@playwright/test";
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

  await open(page, session, `/iam/users?more=1&q=${someone.user}`);
  await expect(main(page).getByRole("row", { name: new RegExp(someone.user) })).toBeVisible();
  await expect(main(page).getByText(/From the credential report of/)).toBeVisible();
  await expectNoAxeViolations(page, { modes: ["light"] });
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
