/** The trust graph: who can become whom, as a graph and as a list. */
import { allow, expect, expectNoAxeViolations, expectNoSidewaysScroll, open, signIn, test } from "./harness";

test("who can assume a role is drawn and listed, with what it takes", async ({ page, world }) => {
  const bob = await world.dev.user();
  const role = await world.dev.role({
    trusts: bob.arn,
    condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
    may: [allow("s3:*")],
  });
  const admin = await world.dev.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, "/access/graph");
  await page.getByLabel("ARN of the role").fill(role.arn);
  await page.getByRole("button", { name: "Find out" }).click();
  const graph = page.getByRole("region", { name: /^Trust graph/ });
  await expect(graph.getByRole("link", { name: bob.user })).toBeVisible();
  await expect(graph.getByRole("link", { name: role.name })).toBeVisible();
  await expect(graph.getByText("MFA").first()).toBeVisible();
  await expectNoAxeViolations(page);
  await page.setViewportSize({ width: 320, height: 640 });
  await expectNoSidewaysScroll(page);
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.getByRole("button", { name: "List", exact: true }).click();
  await expect(page.getByRole("row", { name: new RegExp(bob.user) })).toContainText("MFA");
  await expect(page).toHaveURL(/tab=list/);
  await expectNoAxeViolations(page);

  await open(page, session, `/access/graph?${new URLSearchParams({ ask: "become", from: bob.arn, tab: "list" })}`);
  await expect(page.getByRole("row", { name: new RegExp(role.name) })).toBeVisible();
});

test("whoever may not ask is told so", async ({ page, world }) => {
  const bob = await world.dev.user();
  const role = await world.dev.role({ trusts: world.dev.id });
  const session = await signIn(page, bob);
  await open(page, session, `/access/graph?${new URLSearchParams({ ask: "who", to: role.arn })}`);
  await expect(page.getByText(/You may not regent:ListTrustEdges/)).toBeVisible();
});
