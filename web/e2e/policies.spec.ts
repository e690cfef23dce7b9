/** Policies: found, made with the editor, changed, attached, taken back and deleted, by people and by the keyboard. */
import { CreatePolicyCommand, CreatePolicyVersionCommand } from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import {
  allow,
  document,
  expect,
  expectNoAxeViolations,
  expectNoSidewaysScroll,
  open,
  signIn,
  test,
  unique,
  type Account,
} from "./harness";

/** Makes a policy, and returns its ARN and the path of its page. */
async function makePolicy(account: Account, text: string, versions: string[] = []) {
  const name = unique("policy");
  const { Policy } = await account.iam.send(new CreatePolicyCommand({ PolicyName: name, PolicyDocument: text }));
  const arn = Policy?.Arn ?? "";
  for (const PolicyDocument of versions) {
    await account.iam.send(new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument, SetAsDefault: true }));
  }
  return { name, arn, path: `/iam/policies/${encodeURIComponent(arn)}` };
}

const editor = (page: Page) => page.getByRole("textbox", { name: "Policy document" });

/** Shows the JSON view; its cursor is at the beginning. */
async function showJson(page: Page) {
  await page.getByRole("button", { name: "JSON", exact: true }).click();
  await editor(page).waitFor();
}

/** Writes a text in place of the whole document. */
async function write(page: Page, text: string) {
  await editor(page).click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
}

/** Leaves the findings about what is there now. */
const settled = (page: Page) => expect(page.getByText("Checking")).toHaveCount(0);

test("policies are found by name, by kind and by what they allow", async ({ page, world }) => {
  const made = await makePolicy(world.dev, document(allow("sqs:SendMessage")));
  const alice = await world.dev.user({ administrator: true });
  const session = await signIn(page, alice);
  await open(page, session, "/iam/policies");
  await expect(page.getByRole("heading", { name: /^Policies/ })).toContainText(/1,\d\d\d/);
  await expectNoAxeViolations(page);
  await page.getByRole("button", { name: "Customer managed" }).click();
  await page.getByLabel("Allows action or service").fill("sqs:SendMessage");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: made.name })).toBeVisible();
  await page.getByLabel("Allows action or service").fill("sqs:PurgeQueue");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: made.name })).toHaveCount(0);
  await page.getByRole("button", { name: "AWS managed" }).click();
  await expect(page.getByRole("link", { name: "AmazonSQSFullAccess" })).toBeVisible();
  await expect(page.getByRole("link", { name: "AmazonSQSReadOnlyAccess" })).toHaveCount(0);
  // The address says what is seen.
  await page.reload();
  await expect(page.getByRole("link", { name: "AmazonSQSFullAccess" })).toBeVisible();
});

test("a policy is made with forms, and does what the forms said", async ({ page, world }) => {
  test.setTimeout(120_000);
  const bucket = unique("reports");
  const name = unique("read-reports");
  const alice = await world.dev.user({ administrator: true });
  const session = await signIn(page, alice);
  await open(page, session, "/iam/policies/create");
  await page.getByRole("button", { name: "Choose a service" }).click();
  await page.getByPlaceholder("Find a service").fill("Amazon S3");
  await page
    .getByRole("option", { name: /^Amazon S3\b.*s3$/s })
    .first()
    .click();
  await page.getByPlaceholder("Find an action").fill("GetObject");
  await page.getByRole("checkbox", { name: "GetObject", exact: true }).check();
  await page.getByRole("button", { name: "Add ARN of object", exact: true }).click();
  const arn = page.getByRole("dialog", { name: "Add a resource: object" });
  await arn.getByLabel("Bucket name").fill(bucket);
  await arn.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("button", { name: "Add condition" }).click();
  const condition = page.getByRole("dialog", { name: "Add a condition" });
  await condition.getByLabel("Condition key").fill("aws:SourceIp");
  await page.keyboard.press("Escape");
  await condition.getByLabel("Values").fill("203.0.113.0/24");
  await condition.getByRole("button", { name: "Add", exact: true }).click();
  await settled(page);
  await expectNoAxeViolations(page, { modes: ["dark"] });

  await page.getByRole("tab", { name: "Test" }).click();
  await page.getByRole("combobox", { name: "Action" }).fill("s3:GetObject");
  await page.keyboard.press("Escape");
  await page.getByLabel("Resource", { exact: true }).fill(`arn:aws:s3:::${bucket}/a.txt`);
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await expect(page.getByText("Not allowed: no statement allows it").first()).toBeVisible();

  await page.getByRole("button", { name: "Next" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Next" }).click();
  await expect(page.getByText("aws:SourceIp is in 203.0.113.0/24").first()).toBeVisible();
  await page.getByRole("button", { name: "Create policy" }).click();
  await expect(page.getByText(`The policy ${name} was created.`).first()).toBeVisible();
  await page.getByRole("tab", { name: "JSON" }).click();
  const shown = (await page.getByRole("region", { name: "Policy document" }).innerText()).replace(/^\d+$/gm, "");
  expect(JSON.parse(shown)).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["s3:GetObject"],
        Resource: [`arn:aws:s3:::${bucket}/*`],
        Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
      },
    ],
  });
});

test("a policy is edited as JSON: what is wrong is said and mended, what changes is shown", async ({ page, world }) => {
  test.setTimeout(120_000);
  const text = '{"Version":"2012-10-17",\r\n "Statement" : [{"Effect":"Deny","Action":"s3:GetObjekt","Resource":"*"}]}';
  const made = await makePolicy(world.dev, document(allow("s3:GetObject")));
  const alice = await world.dev.user({ administrator: true });
  const session = await signIn(page, alice);
  await open(page, session, `${made.path}/edit`);
  await showJson(page);
  await expect(editor(page)).toContainText("s3:GetObject");
  await expectNoAxeViolations(page);
  await write(page, text);
  await expect(page.getByText(/The action s3:GetObjekt does not exist/).first()).toBeVisible();
  await page.getByRole("button", { name: "Save as new version" }).click();
  const dialog = page.getByRole("dialog", { name: "Review and save" });
  await expect(dialog.getByRole("button", { name: "Save as new version" })).toBeDisabled();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Change to s3:GetObject" }).click();
  await expect(page.getByText("Nothing was found.").first()).toBeVisible();

  // Esc, then Tab, leaves the editor; Tab alone indents.
  await editor(page).click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(editor(page)).not.toBeFocused();

  await page.getByRole("button", { name: "Save as new version" }).click();
  await expect(dialog.getByText(/line.* added/)).toBeVisible();
  await expectNoAxeViolations(page);
  await dialog.getByRole("button", { name: "Save as new version" }).click();
  await expect(page.getByText(`${made.name} has a new default version, v2.`).first()).toBeVisible();
  await expect(page.getByRole("region", { name: "Statement 1" })).toContainText("Deny");

  await page.getByRole("tab", { name: "Versions" }).click();
  await expectNoAxeViolations(page, { modes: ["light"] });
  await page.getByRole("radio", { name: "Select v1" }).click();
  await page.getByRole("button", { name: "Make default" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make default" }).click();
  await expect(page.getByText("v1 is the default version.").first()).toBeVisible();
});

// Rules: PL-42
test("a warning asks before it is saved, so does an error, and the server says what it refuses", async ({
  page,
  world,
}) => {
  const made = await makePolicy(world.dev, document(allow("s3:GetObject")));
  const alice = await world.dev.user({ administrator: true });
  const session = await signIn(page, alice);
  await open(page, session, `${made.path}/edit`);
  await showJson(page);
  await write(page, document(allow("iam:PassRole")));
  await expect(page.getByText(/Using the iam:PassRole action with wildcards/).first()).toBeVisible();
  await page.getByRole("button", { name: "Save as new version" }).click();
  const dialog = page.getByRole("dialog", { name: "Review and save" });
  const saveIt = dialog.getByRole("button", { name: "Save as new version" });
  await expect(saveIt).toBeDisabled();
  await dialog.getByRole("checkbox", { name: "Save it all the same" }).check();
  await saveIt.click();
  await expect(page.getByText(`${made.name} has a new default version, v2.`).first()).toBeVisible();

  // An action that this server does not know yet is saved as IAM saves it; what IAM refuses is refused by it.
  await open(page, session, `${made.path}/edit`);
  await showJson(page);
  await write(page, document(allow("s3")));
  await page.getByRole("button", { name: "Save as new version" }).click();
  await dialog.getByRole("checkbox", { name: "Save it all the same" }).check();
  await saveIt.click();
  await expect(dialog.getByText(/must be prefaced by a vendor/)).toBeVisible();
  await expectNoAxeViolations(page);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await write(page, document(allow("s3:ActionOfNextYear")));
  await page.getByRole("button", { name: "Save as new version" }).click();
  await dialog.getByRole("checkbox", { name: "Save it all the same" }).check();
  await saveIt.click();
  await expect(page.getByText(`${made.name} has a new default version, v3.`).first()).toBeVisible();
});

/** The editor takes no Enter for a choice right after its list opens (CodeMirror's interactionDelay), in milliseconds. */
const settling = 250;

test("completion writes actions with the keyboard alone", async ({ page, world }) => {
  const made = await makePolicy(world.dev, document(allow("s3:GetObject")));
  const alice = await world.dev.user({ administrator: true });
  const session = await signIn(page, alice);
  await open(page, session, `${made.path}/edit`);
  await showJson(page);
  await write(page, "");
  await page.keyboard.type('{"Statement": [{"Action": "sqs');
  await page.getByRole("option", { name: /^sqs:/ }).waitFor();
  await page.waitForTimeout(settling);
  await page.keyboard.press("Enter");
  await page.keyboard.type("SendM");
  await page
    .getByRole("option", { name: /^sqs:SendMessage/ })
    .first()
    .waitFor();
  await page.waitForTimeout(settling);
  await page.keyboard.press("Enter");
  await expect(editor(page)).toHaveText('{"Statement": [{"Action": "sqs:SendMessage"}]}');
  await page.keyboard.press("ControlOrMeta+z");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(editor(page)).not.toContainText("sqs:SendMessage");
});

test("a policy with five versions is saved in the place of one of them", async ({ page, world }) => {
  const versions = ["b", "c", "d", "e"].map((key) => document(allow("s3:GetObject", `arn:aws:s3:::${key}/*`)));
  const made = await makePolicy(world.dev, document(allow("s3:GetObject", "arn:aws:s3:::a/*")), versions);
  const alice = await world.dev.user({ administrator: true });
  const session = await signIn(page, alice);
  await open(page, session, `${made.path}/edit`);
  await page.getByRole("radio", { name: "Deny" }).check();
  await page.getByRole("button", { name: "Save as new version" }).click();
  const dialog = page.getByRole("dialog", { name: "Review and save" });
  await expect(dialog.getByText("Delete which?")).toBeVisible();
  await expect(dialog.getByRole("radio", { name: "v1" })).toBeChecked(); // the oldest, unless another is chosen
  await dialog.getByRole("radio", { name: "v3" }).check();
  await dialog.getByRole("button", { name: "Save as new version" }).click();
  await expect(page.getByText(`${made.name} has a new default version, v6.`).first()).toBeVisible();
  await page.getByRole("tab", { name: "Versions" }).click();
  const rows = page.getByRole("grid", { name: "Versions" }).getByRole("row");
  await expect(rows).toHaveCount(6);
  await expect(rows.filter({ hasText: "v3" })).toHaveCount(0);

  // Any two are compared; one that is not in effect goes for good.
  const compared = page.getByRole("region", { name: "Differences" });
  await page.getByRole("button", { name: /^From/ }).click();
  await page.getByRole("option", { name: "v2", exact: true }).click();
  await page.getByRole("button", { name: /^To/ }).click();
  await page.getByRole("option", { name: "v4", exact: true }).click();
  await expect(compared).toContainText("arn:aws:s3:::b/*");
  await expect(compared).toContainText("arn:aws:s3:::d/*");
  await expectNoAxeViolations(page, { modes: ["dark"] });
  await page.getByRole("radio", { name: "Select v2" }).click();
  await page.getByRole("tabpanel").getByRole("button", { name: "Delete", exact: true }).click();
  const gone = page.getByRole("dialog", { name: "Delete version v2?" });
  await gone.getByRole("textbox").fill("v2");
  await expectNoAxeViolations(page, { modes: ["light"] });
  await gone.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText("Version v2 was deleted.").first()).toBeVisible();
  await expect(rows).toHaveCount(5);
});

test("a policy is attached, counts, is detached and deleted with what IAM wants gone before", async ({
  page,
  world,
}) => {
  test.setTimeout(120_000);
  const made = await makePolicy(world.dev, document(allow("s3:GetObject")));
  const group = await world.dev.group();
  const role = await world.dev.role({ trusts: world.dev.id });
  const alice = await world.dev.user({ administrator: true });
  const session = await signIn(page, alice);
  await open(page, session, `${made.path}?tab=attached`);
  await page.getByRole("button", { name: "Attach", exact: true }).first().click();
  const dialog = page.getByRole("dialog", { name: `Attach ${made.name}` });
  await dialog.getByRole("button", { name: /Choose/ }).click();
  await page.getByRole("option", { name: group, exact: true }).click();
  await page.keyboard.press("Escape");
  await dialog.getByText("Role", { exact: true }).click();
  await dialog.getByRole("button", { name: /Choose/ }).click();
  await page.getByRole("option", { name: role.name, exact: true }).click();
  await page.keyboard.press("Escape");
  await expect(dialog.getByText(`Group ${group}`)).toBeVisible();
  await expectNoAxeViolations(page);
  await dialog.getByRole("button", { name: "Attach", exact: true }).click();
  await expect(page.getByRole("link", { name: group })).toBeVisible();
  await page.getByRole("checkbox", { name: `Select role/${role.name}` }).click();
  await page.getByRole("button", { name: "Detach", exact: true }).click();
  const taken = page.getByRole("dialog", { name: `Detach ${made.name}?` });
  await expect(taken.getByText("These lose what the policy allows")).toBeVisible();
  await taken.getByPlaceholder(made.name).fill(made.name);
  await taken.getByRole("button", { name: "Detach", exact: true }).click();
  await expect(page.getByRole("link", { name: role.name })).toHaveCount(0);
  await expect(page.getByRole("link", { name: group })).toBeVisible();
  await page.getByRole("tab", { name: "Last access" }).click();
  await expect(page.getByRole("row", { name: "Amazon S3" })).toContainText("Not accessed");

  await page.getByRole("button", { name: "Delete", exact: true }).click();
  const gone = page.getByRole("dialog", { name: `Delete the policy ${made.name}?` });
  await expect(gone.getByText(`Detach from Group ${group}`)).toBeVisible();
  await gone.getByPlaceholder(made.name).fill(made.name);
  await gone.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText(`The policy ${made.name} was deleted.`).first()).toBeVisible();
});

test("whoever may not read policies is told what is missing, and may still write one", async ({ page, world }) => {
  const bob = await world.dev.user({ may: [allow("iam:CreatePolicy")] });
  const session = await signIn(page, bob);
  await open(page, session, "/iam/policies");
  await expect(page.getByText(/You may not iam:ListPolicies/).first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Why?" })).toBeVisible();
  await expectNoAxeViolations(page);
  await page.getByRole("link", { name: "Create policy" }).click();
  // Without leave to have it checked the document is still written, and it is said that nobody looked at it.
  await expect(page.getByText(/You may not access-analyzer:ValidatePolicy/).first()).toBeVisible();
  await expect(page.getByText("The policy could not be checked beyond its JSON.").first()).toBeVisible();
});

test("the editor fits a narrow window", async ({ page, world }) => {
  const made = await makePolicy(
    world.dev,
    document(allow(["s3:GetObject", "sqs:*"], `arn:aws:s3:::${"x".repeat(60)}`)),
  );
  const alice = await world.dev.user({ administrator: true });
  await page.setViewportSize({ width: 320, height: 640 });
  const session = await signIn(page, alice);
  await open(page, session, `${made.path}/edit`);
  await expect(page.getByText(/^Amazon S3 \(/)).toBeVisible();
  await expectNoSidewaysScroll(page);
  await page.getByRole("button", { name: /Visual/ }).click();
  await page.getByRole("option", { name: "JSON" }).click();
  await editor(page).waitFor();
  await expectNoSidewaysScroll(page);
});
