/** The organization: its tree, what is done in it, and what its policies stop. */
import {
  AttachPolicyCommand,
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreatePolicyCommand,
  EnablePolicyTypeCommand,
  ListParentsCommand,
  ListRootsCommand,
  MoveAccountCommand,
} from "@aws-sdk/client-organizations";
import { allow, document, expect, expectNoAxeViolations, expectNoSidewaysScroll, open, signIn, test } from "./harness";

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
  await expect(page.getByText("prod is moved.").first()).toBeVisible();
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
  await expect(main.getByText(/no policy of the organization stops it/).first()).toBeVisible();
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
  await expect(page.getByText(/manages this organization/).first()).toBeVisible();
  await page.setViewportSize({ width: 320, height: 640 });
  await expectNoSidewaysScroll(page);
  await expectNoAxeViolations(page);

  const nobody = await world.management.user();
  session = await signIn(page, nobody);
  await open(page, session, "/org");
  await expect(page.getByText(/organizations:DescribeOrganization/).first()).toBeVisible();
  await open(page, session, "/org/policies");
  await expect(page.getByText(/organizations:ListPolicies/).first()).toBeVisible();
});

/** What would load something, and run, if a page took it for markup. An account's name has room for 50 characters. */
const hostile = `"><img src=/xss-probe onerror=alert(1)>`;

// Rules: TH-88
test("accounts and units are made, found, dropped, renamed and deleted, and their names are text", async ({
  page,
  startWorld,
}) => {
  test.slow();
  const world = await startWorld();
  const { organizations } = world.management;
  const session = await signIn(page, await world.management.user({ administrator: true }));
  await open(page, session, "/org");
  const main = page.getByRole("main");
  const dialog = page.getByRole("dialog");
  const node = (name: string) => main.locator(".org-node").filter({ hasText: name });

  await main.getByRole("button", { name: "Create unit" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill(hostile);
  await expectNoAxeViolations(page);
  await dialog.getByRole("button", { name: "Create unit" }).click();
  await expect(node(hostile)).toBeVisible();

  await main.getByRole("button", { name: "Add an account" }).click();
  await page.getByRole("menuitem", { name: "Create account" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill(hostile);
  await dialog.getByLabel("E-mail").fill("root@prod.invalid");
  await dialog.getByRole("button", { name: "Create account" }).click();
  await expect(dialog.getByText("EMAIL_ALREADY_EXISTS").first()).toBeVisible();
  await expectNoAxeViolations(page, { modes: ["dark"] });
  await dialog.getByLabel("E-mail").fill("first@xss.invalid");
  await dialog.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByText(/Account .*xss-probe.* is \d{12}\./).first()).toBeVisible();

  // A browser's field for an e-mail takes less than AWS does.
  const Email = `"><img/src=/xss-probe>@xss.invalid`;
  await organizations.send(new CreateAccountCommand({ AccountName: "second", Email }));

  // All are found, and the account is chosen from what was found.
  await main.getByRole("searchbox", { name: "Find units and accounts" }).fill("xss");
  await expect(main.getByRole("heading", { name: "Units", exact: true })).toBeVisible();
  const found = main.getByRole("listitem").filter({ hasText: "first@xss.invalid" });
  await expect(found).toBeVisible();
  await expect(main.getByText(Email).first()).toBeVisible();
  await expectNoAxeViolations(page);
  await found.getByRole("button", { name: `Show ${hostile}` }).click();
  await expect(main.getByRole("heading", { name: hostile, level: 2 })).toBeVisible();
  await main.getByRole("button", { name: "Open", exact: true }).click();
  await expect(page.getByRole("heading", { name: hostile, level: 1 })).toBeVisible();

  // By the mouse, an account is dropped on a unit.
  await open(page, session, "/org");
  await node("prod").dragTo(node(hostile).first());
  await expect(dialog.getByRole("button", { name: /Where to/ })).toContainText(hostile);
  await expectNoAxeViolations(page);
  await dialog.getByRole("button", { name: "Move", exact: true }).click();
  await expect(page.getByText("prod is moved.").first()).toBeVisible();
  const { Parents } = await organizations.send(new ListParentsCommand({ ChildId: world.prod.id }));
  const unit = Parents?.[0]?.Id ?? "";
  expect(unit).toMatch(/^ou-/);

  // A unit with an account in it stays; what is in it is its tags and name.
  await open(page, session, `/org?node=${unit}`);
  await main.getByRole("button", { name: "Edit", exact: true }).click();
  await main.getByRole("button", { name: "Add tag" }).click();
  await main.getByRole("textbox", { name: "Key" }).fill(hostile);
  await main.getByRole("button", { name: "Save changes" }).click();
  await expect(main.getByText(/does not match the required pattern/).first()).toBeVisible();
  await main.getByRole("textbox", { name: "Key" }).fill("javascript:/=+-@_. ü");
  await main.getByRole("textbox", { name: "Value (optional)" }).fill("data:text/html=/@+-_. ü");
  await main.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText(`The tags of ${hostile} are saved.`).first()).toBeVisible();
  await main.getByRole("button", { name: "Delete", exact: true }).click();
  await dialog.getByLabel(`Type ${hostile} to confirm`).fill(hostile);
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(dialog.getByText(/OrganizationalUnitNotEmptyException/)).toBeVisible();
  await expectNoAxeViolations(page, { modes: ["dark"] });
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await main.getByRole("button", { name: "Rename" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("Workloads");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await expect(page.getByText("The unit is now called Workloads.").first()).toBeVisible();
  const RootId = (await organizations.send(new ListRootsCommand({}))).Roots?.[0]?.Id;
  const back = { AccountId: world.prod.id, SourceParentId: unit, DestinationParentId: RootId };
  await organizations.send(new MoveAccountCommand(back));
  await main.getByRole("button", { name: "Delete", exact: true }).click();
  await dialog.getByLabel("Type Workloads to confirm").fill("Workloads");
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText("Unit Workloads is deleted.").first()).toBeVisible();
  await expect(node("Workloads")).toHaveCount(0);
});

// Rules: TH-88
test("a policy is written, attached, asked, renamed, edited, detached and deleted", async ({ page, startWorld }) => {
  test.slow();
  const world = await startWorld();
  const session = await signIn(page, await world.management.user({ administrator: true }));
  const main = page.getByRole("main");
  const dialog = page.getByRole("dialog");

  await open(page, session, "/org?tab=settings");
  for (const type of ["Service control policies", "Resource control policies"]) {
    const toggle = main.getByRole("checkbox", { name: type });
    await expect(toggle).toBeVisible();
    if (await toggle.isChecked()) continue;
    await toggle.click();
    await expectNoAxeViolations(page, { modes: ["dark"] });
    await dialog.getByRole("button", { name: "Turn on" }).click();
    await expect(page.getByText(`${type} are on.`).first()).toBeVisible();
    await expect(toggle).toBeChecked();
  }

  await open(page, session, "/org/policies");
  await main.getByRole("button", { name: "Create policy" }).first().click();
  await dialog.getByLabel("Name", { exact: true }).fill(hostile);
  await dialog.getByLabel("Description", { exact: true }).fill(hostile);
  await expect(page.getByText("Checking")).toHaveCount(0);
  await expectNoAxeViolations(page);
  await dialog.getByRole("button", { name: "Create policy" }).click();
  await expect(page.getByRole("heading", { name: hostile, level: 1 })).toBeVisible();

  await main.getByRole("button", { name: "Edit", exact: true }).first().click();
  await main.getByRole("button", { name: "JSON", exact: true }).click();
  const editor = page.getByRole("textbox", { name: "Policy document" });
  await editor.click();
  await page.keyboard.press("ControlOrMeta+a");
  const stop = { Sid: "Keep", Effect: "Deny" as const, Action: "s3:DeleteBucket", Resource: "*" };
  await page.keyboard.insertText(document(stop));
  await main.getByRole("button", { name: "Save", exact: true }).click();
  await expect(dialog.getByRole("button", { name: "View as" })).toBeVisible();
  await expectNoAxeViolations(page);
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText(`Policy ${hostile} is saved.`).first()).toBeVisible();

  await open(page, session, `/org/accounts/${world.prod.id}`);
  await main.getByRole("button", { name: "Attach" }).click();
  await dialog.getByRole("button", { name: /^Policy/ }).click();
  await page.getByRole("option", { name: /xss-probe/ }).click();
  await expectNoAxeViolations(page);
  await dialog.getByRole("button", { name: "Attach" }).click();
  await expect(page.getByText("It is attached to prod.").first()).toBeVisible();
  await main.getByRole("button", { name: "Ask" }).click();
  await expect(main.getByRole("status").filter({ hasText: `denied by ${hostile}` })).toContainText("at prod");
  await expectNoAxeViolations(page, { modes: ["dark"] });
  await main.getByRole("tab", { name: "Resource control policies" }).click();
  await expect(main.getByText("RCPFullAWSAccess").first()).toBeVisible();
  await expectNoAxeViolations(page, { modes: ["dark"] });
  await main.getByRole("tab", { name: "Service control policies" }).click();
  await main.getByRole("button", { name: `Detach ${hostile}` }).click();
  await expectNoAxeViolations(page, { modes: ["dark"] });
  await dialog.getByRole("button", { name: "Detach", exact: true }).click();
  await expect(page.getByText(`${hostile} is detached from prod.`).first()).toBeVisible();

  await open(page, session, "/org/policies");
  await main.getByRole("link", { name: hostile }).click();
  await main.getByRole("button", { name: "Edit name and description" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("keep-buckets");
  await expectNoAxeViolations(page, { modes: ["dark"] });
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("heading", { name: "keep-buckets", level: 1 })).toBeVisible();
  await main.getByRole("button", { name: "Delete", exact: true }).click();
  await dialog.getByLabel("Type keep-buckets to confirm").fill("keep-buckets");
  await expectNoAxeViolations(page);
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText("Policy keep-buckets is deleted.").first()).toBeVisible();
});

test("a member administers by delegation; an account leaves, is invited, joins and leaves", async ({
  page,
  startWorld,
}) => {
  test.slow();
  const world = await startWorld();
  const manager = await world.management.user({ administrator: true });
  const chief = await world.prod.user({ administrator: true });
  const main = page.getByRole("main");
  const dialog = page.getByRole("dialog");
  let session = await signIn(page, manager);
  await open(page, session, "/org?tab=settings");
  await main.getByRole("button", { name: "Register", exact: true }).click();
  await dialog.getByLabel("Account ID").fill(world.prod.id);
  await expectNoAxeViolations(page);
  await dialog.getByRole("button", { name: "Register", exact: true }).click();
  await expect(page.getByText(`${world.prod.id} is a delegated administrator.`).first()).toBeVisible();

  const own = await signIn(page, chief);
  await open(page, own, "/org");
  await expect(main.getByRole("treeitem", { name: /prod/ })).toBeVisible();
  await expect(page.getByText(/manages this organization/)).toHaveCount(0);

  await open(page, session, "/org?tab=settings");
  await main.getByRole("row", { name: /prod/ }).getByRole("radio").click({ force: true });
  await main.getByRole("button", { name: "Deregister for IAM" }).click();
  await expectNoAxeViolations(page, { modes: ["dark"] });
  await dialog.getByRole("button", { name: "Deregister for IAM" }).click();
  await expect(
    page.getByText(`${world.prod.id} is no delegated administrator for IAM any more.`).first(),
  ).toBeVisible();
  for (const path of ["/org", "/org/policies", `/org/accounts/${world.dev.id}`]) {
    await open(page, own, path);
    await expect(page.getByText(/manages this organization/).first()).toBeVisible();
  }

  await open(page, session, `/org/accounts/${world.prod.id}`);
  await main.getByRole("button", { name: "Remove from organization" }).click();
  await dialog.getByLabel("Type prod to confirm").fill("prod");
  await expectNoAxeViolations(page, { modes: ["dark"] });
  await dialog.getByRole("button", { name: "Remove from organization" }).click();
  await expect(page.getByText("Account prod is out of the organization.").first()).toBeVisible();

  for (const again of [false, true]) {
    await open(page, session, "/org?tab=invitations");
    await main.getByRole("button", { name: "Add an account" }).click();
    await page.getByRole("menuitem", { name: "Invite an account" }).click();
    await dialog.getByLabel("Account ID or e-mail of its root").fill(world.prod.id);
    await dialog.getByLabel("Notes").fill(hostile);
    await expectNoAxeViolations(page, { modes: ["dark"] });
    await dialog.getByRole("button", { name: "Invite an account" }).click();
    await expect(page.getByText(`${world.prod.id} is invited.`).first()).toBeVisible();
    if (again) break;
    await main.getByRole("row", { name: /OPEN/ }).getByRole("radio").click({ force: true });
    await main.getByRole("button", { name: "Cancel invitation" }).click();
    await expectNoAxeViolations(page, { modes: ["dark"] });
    await dialog.getByRole("button", { name: "Cancel invitation" }).click();
    await expect(page.getByText(/is cancelled/).first()).toBeVisible();
  }

  session = own;
  await open(page, session, "/org");
  await expect(page.getByText("This account is in no organization").first()).toBeVisible();
  await main.getByRole("button", { name: "Create organization" }).click();
  await expectNoAxeViolations(page);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await main.getByRole("row", { name: /OPEN/ }).getByRole("radio").click({ force: true });
  await main.getByRole("button", { name: "Accept" }).click();
  await expectNoAxeViolations(page, { modes: ["dark"] });
  await dialog.getByRole("button", { name: "Accept" }).click();
  await expect(page.getByText(/manages this organization/).first()).toBeVisible();
  await main.getByRole("button", { name: "Leave organization" }).click();
  const id = await dialog.getByRole("textbox").getAttribute("placeholder");
  await dialog.getByRole("textbox").fill(id ?? "");
  await dialog.getByRole("button", { name: "Leave organization" }).click();
  await expect(page.getByText("This account is in no organization").first()).toBeVisible();
});

test("who may only look, on a screen of 320 px, is told at each act what is missing", async ({ page, world }) => {
  test.slow();
  await page.setViewportSize({ width: 320, height: 640 });
  const looks = allow(["organizations:Describe*", "organizations:List*", "access-analyzer:ValidatePolicy"]);
  const session = await signIn(page, await world.management.user({ may: [looks] }));
  const main = page.getByRole("main");
  const dialog = page.getByRole("dialog");
  const refused = async (button: string, action: string) => {
    await dialog.getByRole("button", { name: button, exact: true }).click();
    await expect(dialog.getByText(`You may not organizations:${action}`).first()).toBeVisible();
    await expectNoSidewaysScroll(page);
    await expectNoAxeViolations(page);
    await dialog.getByRole("button", { name: "Cancel" }).click();
  };
  await open(page, session, "/org");
  await main.getByRole("button", { name: "Create unit" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("Workloads");
  await refused("Create unit", "CreateOrganizationalUnit");
  await main.getByRole("button", { name: "Add an account" }).click();
  await page.getByRole("menuitem", { name: "Create account" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("staging");
  await dialog.getByLabel("E-mail").fill("staging@example.com");
  await refused("Create account", "CreateAccount");
  await main.getByRole("button", { name: "Add an account" }).click();
  await page.getByRole("menuitem", { name: "Invite an account" }).click();
  await dialog.getByLabel("Account ID or e-mail of its root").fill("111122223333");
  await refused("Invite an account", "InviteAccountToOrganization");
  await open(page, session, "/org?tab=settings");
  await main.getByRole("checkbox", { name: "Resource control policies" }).click();
  await dialog.getByRole("button", { name: /^Turn o/ }).click();
  await expect(dialog.getByText(/You may not organizations:(En|Dis)ablePolicyType/).first()).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await open(page, session, `/org/accounts/${world.dev.id}`);
  await main.getByRole("button", { name: "Close account" }).click();
  await dialog.getByLabel("Type dev to confirm").fill("dev");
  await refused("Close account", "CloseAccount");
  await open(page, session, "/org/policies");
  await main.getByRole("button", { name: "Create policy" }).first().click();
  await dialog.getByLabel("Name", { exact: true }).fill("mine");
  await dialog.getByRole("button", { name: "Create policy" }).click();
  await expect(page.getByText("You may not organizations:CreatePolicy").first()).toBeVisible();
  await expectNoSidewaysScroll(page);
  await expectNoAxeViolations(page);
});
