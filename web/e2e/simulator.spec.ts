/** The policy simulator: what somebody may do, with and without a change, and the archive that keeps it so. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { allow, document, expect, expectNoAxeViolations, expectNoSidewaysScroll, open, signIn, test } from "./harness";

const program = resolve(import.meta.dirname, "../../bin/regent");

// Rules: IA-70 IA-74
test("decisions are shown with and without a change, and saved as a test that passes", async ({ page, world }) => {
  const bob = await world.dev.user({
    may: [{ ...allow("s3:GetObject", "arn:aws:s3:::data/*"), Condition: { Bool: { "aws:SecureTransport": "true" } } }],
  });
  const admin = await world.dev.user({ administrator: true });
  const session = await signIn(page, admin);
  const asked = new URLSearchParams({ principal: bob.arn, action: "s3:GetObject", resource: "arn:aws:s3:::data/k" });
  asked.append("action", "s3:PutObject");
  await open(page, session, `/access/simulator?${asked}`);
  await page.getByRole("button", { name: "Show which condition keys matter" }).click();
  await page.getByLabel("aws:SecureTransport").fill("true");
  await page.getByRole("main").getByText("With this change").first().click();
  await page.getByRole("textbox", { name: "A policy that is added" }).fill(document(allow("s3:PutObject", "*")));
  await page.getByRole("button", { name: "Simulate" }).click();
  const row = (action: string) => page.getByRole("row", { name: new RegExp(action) });
  await expect(row("s3:PutObject")).toContainText("Not allowed");
  await expect(row("s3:PutObject")).toContainText("Allowed");
  await row("s3:GetObject").getByText("s3:GetObject").click();
  const now = page.getByRole("list", { name: "What each layer said: Now" });
  await expect(now.getByText(/_may, line 1/)).toBeVisible();
  await now.getByRole("button", { name: "Document" }).click();
  await expect(now.locator(".policy-marked").first()).toBeVisible();
  await expect(now.locator("[data-layer=boundary]")).toHaveAttribute("data-verdict", "absent");
  await row("s3:PutObject").getByText("s3:PutObject").click();
  const changed = page.getByRole("list", { name: "What each layer said: With the change" });
  await expect(changed.getByText("The policy that is added, line 1")).toBeVisible();
  await expect(changed.locator(".policy-marked").first()).toContainText("s3:PutObject");
  await expectNoAxeViolations(page);

  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as a test" }).click();
  const directory = await mkdtemp(join(tmpdir(), "regent-e2e-"));
  try {
    await (await saving).saveAs(join(directory, "simulation.txtar"));
    const { stdout } = await promisify(execFile)(program, ["policy", "test", directory]);
    expect(stdout).toContain("2 requests, none failed");
  } finally {
    await rm(directory, { recursive: true });
  }
  await page.setViewportSize({ width: 320, height: 640 });
  await expectNoSidewaysScroll(page);
});

test("several documents decide below a boundary, and a boundary can take another's place", async ({ page, world }) => {
  const bob = await world.dev.user({ may: [allow("s3:GetObject")] });
  const admin = await world.dev.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, "/access/simulator?custom=&action=s3:GetObject&action=s3:PutObject&action=s3:DeleteObject");
  await page.getByRole("button", { name: "Simulate" }).click();
  await expect(page.getByText("This is no JSON object.").first()).toBeVisible();
  await page.getByRole("textbox", { name: "Policy", exact: true }).fill(document(allow("s3:GetObject")));
  await page.getByRole("button", { name: "Add another policy" }).click();
  await page.getByRole("textbox", { name: "Policy 2" }).fill(document(allow(["s3:PutObject", "s3:DeleteObject"])));
  const guard = { Effect: "Deny" as const, Action: "s3:DeleteObject", Resource: "*" };
  await page.getByRole("textbox", { name: "Permissions boundary" }).fill(document(allow("s3:*"), guard));
  await page.getByRole("button", { name: "Simulate" }).click();
  const row = (action: string) => page.getByRole("row", { name: new RegExp(action) });
  await expect(row("s3:GetObject")).toContainText("Allowed");
  await expect(row("s3:DeleteObject")).toContainText("Denied by a statement");
  await row("s3:PutObject").getByText("s3:PutObject").click();
  const ladder = page.getByRole("list", { name: "What each layer said: Decision" });
  await expect(ladder.getByText("Policy 2, line 1")).toBeVisible();
  await row("s3:DeleteObject").getByText("s3:DeleteObject").click();
  const boundary = ladder.locator("[data-layer=boundary]");
  await expect(boundary).toHaveAttribute("data-verdict", "stops");
  await expect(boundary.locator(".policy-marked", { hasText: "Deny" })).toBeVisible();
  await expectNoAxeViolations(page);
  await page.getByRole("button", { name: "Remove policy 2" }).click();
  await page.getByRole("button", { name: "Simulate" }).click();
  await expect(row("s3:PutObject")).toContainText("Not allowed");

  await open(page, session, `/access/simulator?${new URLSearchParams({ principal: bob.arn, action: "s3:GetObject" })}`);
  await page.getByRole("main").getByText("With this change").first().click();
  await page.getByRole("textbox", { name: /^A permissions boundary in place/ }).fill(document(allow("ec2:*")));
  await page.getByRole("button", { name: "Simulate" }).click();
  await expect(row("s3:GetObject")).toContainText(/Allowed.*Not allowed/);
  await page.setViewportSize({ width: 320, height: 640 });
  await expectNoSidewaysScroll(page);
});

test("whoever may not simulate is told so", async ({ page, world }) => {
  const bob = await world.dev.user();
  const session = await signIn(page, bob);
  await open(page, session, "/access/simulator");
  const actions = page.getByRole("combobox", { name: "Actions" });
  await actions.fill("s3");
  await page.getByRole("option", { name: /^s3:/ }).click();
  await expect(actions).toHaveValue("s3:");
  await actions.pressSequentially("getobjectac");
  await page.getByRole("option", { name: /s3:GetObjectAcl/ }).click();
  await expect(page.getByRole("group", { name: "Chosen actions" })).toContainText("s3:GetObjectAcl");
  await page.getByRole("button", { name: "Simulate" }).click();
  await expect(page.getByText(/You may not iam:SimulatePrincipalPolicy/).first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Why?" })).toBeVisible();
  await expectNoAxeViolations(page);
});
