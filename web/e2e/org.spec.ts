/** The organization: its tree, what is done in it, and what its policies stop. */
import {
  AttachPolicyCommand,
  CreateOrganizationalUnitCommand,
  CreatePolicyCommand,
  EnablePolicyTypeCommand,
  ListParentsCommand,
  ListRootsCommand,
} from "@aws-sdk/client-organizations";
import { expect, expectNoAxeViolations, expectNoSidewaysScroll, open, signIn, test } from "./harness";

test("units are made, accounts moved without a mouse, and a policy says what it stops", async ({
  page,
  startWorld,
}) => {
  const world = await startWorld();
  const { organizations } = world.management;
  const RootId = (await organizations.send(new ListRootsCommand({}))).Roots?.[0]?.Id;
  await organizations.send(new EnablePolicyTypeCommand({ RootId, PolicyType: "SERVICE_CONTROL_POLICY" }));
  const made = await organizations.send(new CreateOrganizationalUnitCommand({ ParentId: RootId, Name: "Sandbox" }));
  const Content = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Sid: "Keep", Effect: "Deny", Action: "s3:DeleteBucket", Resource: "*" }],
  });
  const policy = await organizations.send(
    new CreatePolicyCommand({ Name: "no-delete", Description: "", Type: "SERVICE_CONTROL_POLICY", Content }),
  );
  const admin = await world.management.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, "/org");
  const main = page.getByRole("main");
  await expect(page.getByRole("heading", { name: "Organization", level: 1 })).toBeVisible();
  await expectNoAxeViolations(page);

  // A unit, made in the root.
  await main.getByRole("button", { name: "Create unit" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Workloads");
  await page.getByRole("dialog").getByRole("button", { name: "Create unit" }).click();
  await expect(main.getByRole("treeitem", { name: /Workloads/ })).toBeVisible();

  // The account moves there by keyboard.
  await main.getByRole("button", { name: "Show prod" }).press("Enter");
  await expect(main.getByRole("heading", { name: "prod", level: 2 })).toBeVisible();
  await main.getByRole("button", { name: "Move to…" }).press("Enter");
  const place = page.getByRole("dialog").getByRole("button", { name: /Where to/ });
  await place.press("Enter");
  await page.keyboard.type("Workl");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: "Move", exact: true }).press("Enter");
  await expect(page.getByText("prod is moved.")).toBeVisible();
  const { Parents } = await organizations.send(new ListParentsCommand({ ChildId: world.prod.id }));
  expect(Parents?.[0]?.Type).toBe("ORGANIZATIONAL_UNIT");
  expect(Parents?.[0]?.Id).not.toBe(made.OrganizationalUnit?.Id);

  // What stops an action is named, with where it is attached.
  await organizations.send(
    new AttachPolicyCommand({ PolicyId: policy.Policy?.PolicySummary?.Id, TargetId: Parents?.[0]?.Id }),
  );
  await open(page, session, `/org/accounts/${world.prod.id}`);
  await main.getByRole("button", { name: "Ask" }).click();
  await expect(main.getByRole("status").filter({ hasText: "denied by no-delete" })).toContainText("at Workloads");
  await main.getByLabel("Action", { exact: true }).fill("s3:GetObject");
  await main.getByRole("button", { name: "Ask" }).click();
  await expect(main.getByText(/no policy of the organization stops it/)).toBeVisible();
  await expectNoAxeViolations(page);

  // Policies have pages of their own.
  await open(page, session, "/org/policies");
  await main.getByRole("link", { name: "no-delete" }).click();
  await expect(page.getByRole("heading", { name: "no-delete", level: 1 })).toBeVisible();
  await expect(main.getByRole("row", { name: /Workloads/ })).toBeVisible();
  await expectNoAxeViolations(page);
  await page.setViewportSize({ width: 320, height: 640 });
  await open(page, session, "/org");
  await expect(main.getByRole("treeitem", { name: /Workloads/ })).toBeVisible();
  await expectNoSidewaysScroll(page);
});

test("a member is told who manages the organization; who may do nothing, what is missing", async ({ page, world }) => {
  const member = await world.prod.user({ administrator: true });
  let session = await signIn(page, member);
  await open(page, session, "/org");
  await expect(page.getByText(/manages this organization/)).toBeVisible();
  await expectNoAxeViolations(page);

  const nobody = await world.management.user();
  session = await signIn(page, nobody);
  await open(page, session, "/org");
  await expect(page.getByText(/organizations:DescribeOrganization/).first()).toBeVisible();
  await open(page, session, "/org/policies");
  await expect(page.getByText(/organizations:ListPolicies/).first()).toBeVisible();
});
