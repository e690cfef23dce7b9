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
  await page.getByRole("textbox", { name: "With this change" }).fill(document(allow("s3:PutObject", "*")));
  await page.getByRole("button", { name: "Simulate" }).click();
  const row = (action: string) => page.getByRole("row", { name: new RegExp(action) });
  await expect(row("s3:PutObject")).toContainText("Not allowed");
  await expect(row("s3:PutObject")).toContainText("Allowed");
  await row("s3:GetObject").getByText("s3:GetObject").click();
  await expect(page.getByText(/_may, line 1/).first()).toBeVisible();
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

test("whoever may not simulate is told so", async ({ page, world }) => {
  const bob = await world.dev.user();
  const session = await signIn(page, bob);
  await open(page, session, "/access/simulator?action=s3:GetObject");
  await page.getByRole("button", { name: "Simulate" }).click();
  await expect(page.getByText(/You may not iam:SimulatePrincipalPolicy/)).toBeVisible();
  await expect(page.getByRole("link", { name: "Why?" })).toBeVisible();
});
