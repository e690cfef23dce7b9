/** The account at a glance, its credential report, settings and identity providers. */
import type { Page } from "@playwright/test";
import { expect, expectNoAxeViolations, expectNoSidewaysScroll, open, signIn, test } from "./harness";

const main = (page: Page) => page.getByRole("main");

// Rules: IA-57 IA-62
test("the dashboard's to-dos lead to the lists of what they are about", async ({ page, world }) => {
  const admin = await world.dev.user({ administrator: true });
  const loose = await world.dev.role({ trusts: world.prod.id });
  const tight = await world.dev.role({ trusts: world.dev.id });
  const session = await signIn(page, admin);
  await open(page, session, "/iam");
  await expect(main(page).getByText(`${world.server.site}/_regent/signin?account=dev`)).toBeVisible();
  await expect(main(page).getByText("The root user has no MFA device")).toBeVisible();
  await expect(main(page).getByRole("link", { name: /^Roles \d+/ })).toBeVisible();
  await expectNoAxeViolations(page);
  await main(page).getByRole("link", { name: "Show these roles" }).click();
  await expect(main(page).getByRole("link", { name: loose.name, exact: true })).toBeVisible();
  await expect(main(page).getByRole("link", { name: tight.name, exact: true })).toHaveCount(0);
  await open(page, session, "/iam");
  await main(page).getByRole("link", { name: "Show in the credential report" }).first().click();
  await expect(main(page).getByRole("row", { name: /^root/ })).toBeVisible();
  await expect(main(page).getByRole("row")).toHaveCount(2);
  await open(page, session, "/iam");
  await main(page).getByRole("link", { name: "Show these users" }).first().click();
  await expect(main(page).getByText(/From the credential report of/)).toBeVisible();

  await open(page, session, "/iam/credential-report");
  await expect(main(page).getByRole("row", { name: /^root/ })).toBeVisible();
  const download = page.waitForEvent("download");
  await main(page).getByRole("button", { name: "Download the server's CSV" }).click();
  const text = (await (await (await download).createReadStream()).toArray()).join("");
  expect(text).toContain("<root_account>");
  await expectNoAxeViolations(page, { modes: ["light"] });
});

test("whoever may read nothing of it is told at each panel", async ({ page, world }) => {
  const nobody = await world.dev.user();
  const session = await signIn(page, nobody);
  await open(page, session, "/iam");
  for (const action of ["GetAccountSummary", "GenerateCredentialReport", "ListRoles", "ListAccountAliases"]) {
    await expect(
      main(page)
        .getByText(new RegExp(`You may not iam:${action}`))
        .first(),
    ).toBeVisible();
  }
  await page.setViewportSize({ width: 320, height: 640 });
  await expectNoSidewaysScroll(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await open(page, session, "/iam/credential-report");
  await expect(main(page).getByText(/You may not iam:GenerateCredentialReport/)).toBeVisible();
  await open(page, session, "/iam/settings");
  for (const action of ["ListAccountAliases", "GetAccountPasswordPolicy", "GetAccountSummary"]) {
    await expect(
      main(page)
        .getByText(new RegExp(`You may not iam:${action}`))
        .first(),
    ).toBeVisible();
  }
  await expectNoAxeViolations(page, { modes: ["light"] });
});

// Rules: IA-53 IA-62
test("settings are changed and taken back, and say before what they break", async ({ page, startWorld }) => {
  const world = await startWorld("--public-url=https://id.example");
  const admin = await world.dev.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, "/iam/settings");
  const dialog = page.getByRole("dialog");
  await main(page).getByRole("button", { name: "Change", exact: true }).click();
  await expect(dialog).toContainText("stop leading here at once");
  await dialog.getByRole("button", { name: "View as" }).click();
  await dialog.getByRole("tab", { name: "Terraform" }).click();
  await expect(dialog.getByRole("region", { name: "Terraform" })).toContainText(
    'resource "aws_iam_account_alias" "this"',
  );
  await expectNoAxeViolations(page);
  await dialog.getByLabel("Alias").fill("dev-renamed");
  await dialog.getByRole("button", { name: "Set alias" }).click();
  await expect(main(page).getByText("dev-renamed", { exact: true })).toBeVisible();
  await main(page).getByRole("button", { name: "Set a policy" }).click();
  await dialog.getByLabel("Shortest length").fill("20");
  await expectNoAxeViolations(page, { modes: ["light"] });
  await dialog.getByRole("button", { name: "Set a policy" }).click();
  await expect(main(page).getByText("At least 20 characters")).toBeVisible();
  await main(page).getByLabel("Try a password").fill("Abcdefghijklmnopqrs1");
  await expect(main(page).getByRole("list", { name: "What the password has to be" }).getByText("Not yet")).toHaveCount(
    0,
  );
  // It is on once the server has it: a click, not a check.
  await main(page)
    .getByRole("radio", { name: /Version 1/ })
    .click();
  await expect(page.getByText("The global endpoint makes tokens of version 1.").first()).toBeVisible();
  await main(page).getByRole("button", { name: "Enable", exact: true }).click();
  await expect(main(page).getByText(/^https:\/\/id\.example\//)).toBeVisible();
  await expectNoAxeViolations(page);

  // What is taken away is typed first.
  await main(page).getByRole("button", { name: "Disable", exact: true }).click();
  await expect(dialog).toContainText("No more tokens are made");
  await dialog.getByRole("textbox").fill("outbound-federation");
  await expectNoAxeViolations(page, { modes: ["light"] });
  await dialog.getByRole("button", { name: "Disable", exact: true }).click();
  await expect(main(page).getByText("Not enabled")).toBeVisible();
  await main(page).getByRole("button", { name: "Go back to the built-in one" }).click();
  await dialog.getByRole("textbox").fill("password-policy");
  await dialog.getByRole("button", { name: "Go back to the built-in one" }).click();
  await expect(main(page).getByText("None of its own: the built-in policy counts.")).toBeVisible();
  await main(page).getByRole("button", { name: "Delete", exact: true }).click();
  await dialog.getByRole("textbox").fill("dev-renamed");
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(main(page).getByRole("button", { name: "Set alias" })).toBeVisible();
});
