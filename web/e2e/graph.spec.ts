/** The trust graph: who can become whom and reach what, as a graph and as a list. */
import { AddUserToGroupCommand, CreateUserCommand, PutUserPermissionsBoundaryCommand } from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import {
  allow,
  expect,
  expectNoAxeViolations,
  expectNoSidewaysScroll,
  open,
  signIn,
  test,
  unique,
  type Account,
} from "./harness";

const drawn = (page: Page) => page.getByRole("region", { name: /^Trust graph/ });
const row = (page: Page, name: string) => page.getByRole("row", { name: new RegExp(name) });
const asked = (question: Record<string, string>) => `/access/graph?${new URLSearchParams(question)}`;

test("who can assume a role is drawn and listed, by which group and with what it takes", async ({ page, world }) => {
  const { dev } = world;
  const mfa = { Bool: { "aws:MultiFactorAuthPresent": "true" } };
  const role = await dev.role({ trusts: dev.id, condition: mfa, may: [allow("s3:*")] });
  const group = await dev.group({ may: [allow("sts:AssumeRole", role.arn)] });
  const bob = await dev.user({ groups: [group] });
  const eve = await dev.user({ groups: [group] });
  await dev.iam.send(
    new PutUserPermissionsBoundaryCommand({
      UserName: eve.user,
      PermissionsBoundary: "arn:aws:iam::aws:policy/AmazonS3FullAccess",
    }),
  );
  const admin = await dev.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, "/access/graph");
  await page.getByLabel("ARN of the role").fill(role.arn);
  await page.getByRole("button", { name: "Find out" }).click();
  const graph = drawn(page);
  for (const name of [bob.user, eve.user, group, role.name]) {
    await expect(graph.getByRole("link", { name, exact: true })).toBeVisible();
  }
  await expect(graph.getByText("member").first()).toBeVisible();
  await expect(graph.getByText("MFA or refused: boundary")).toBeVisible();
  await expect(graph.getByText("User, refused")).toBeVisible();
  await expectNoAxeViolations(page);
  await page.setViewportSize({ width: 320, height: 640 });
  await expectNoSidewaysScroll(page);
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.getByRole("button", { name: "List", exact: true }).click();
  await expect(row(page, bob.user)).toContainText("MFA");
  await expect(row(page, bob.user)).toContainText(group);
  await expect(row(page, eve.user)).toContainText("The permissions boundary");
  await expect(page).toHaveURL(/tab=list/);
  await expectNoAxeViolations(page);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  expect((await saving).suggestedFilename()).toBe("trust.csv");

  await page.getByRole("checkbox", { name: "Without MFA" }).click();
  await page.getByRole("button", { name: "Find out" }).click();
  await expect(page).toHaveURL(/nomfa=/);
  await expect(page.getByText("Nobody", { exact: true }).first()).toBeVisible();

  await open(page, session, asked({ ask: "become", from: bob.arn, tab: "list" }));
  await expect(row(page, role.name)).toBeVisible();
});

test("the shortest way, all of them, and ways to a resource", async ({ page, world }) => {
  // A member of an organization does not see its control policies, so only here is it settled what reaches a resource.
  const { management: own } = world;
  const [first, second] = [unique("first"), unique("second")];
  const arn = (name: string) => `arn:aws:iam::${own.id}:role/${name}`;
  const bucket = await own.bucket({ key: "text" });
  const object = `arn:aws:s3:::${bucket}/key`;
  const bob = await own.user({ may: [allow("sts:AssumeRole", [arn(first), arn(second)])] });
  await own.role({ name: first, trusts: own.id, may: [allow("sts:AssumeRole", arn(second))] });
  await own.role({ name: second, trusts: own.id, may: [allow("s3:GetObject", object)] });
  const admin = await own.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, "/access/graph");
  await page.getByRole("button", { name: /Question/ }).click();
  await page.getByRole("option", { name: "How does somebody get to a role or a resource?" }).click();
  await page.getByLabel("ARN of the user or role").fill(bob.arn);
  await page.getByRole("textbox", { name: "ARN of the role or resource" }).fill("nothing of the kind");
  await page.getByRole("button", { name: "Find out" }).click();
  await expect(page.getByText(/^Give an ARN, such as/).first()).toBeVisible();
  await page.getByRole("textbox", { name: "ARN of the role or resource" }).fill(arn(second));
  await page.getByRole("button", { name: "Find out" }).click();
  const graph = drawn(page);
  await expect(graph.getByRole("link", { name: second })).toBeVisible();
  await expect(graph.getByRole("link", { name: first })).toHaveCount(0);
  await page.getByRole("radio", { name: /^All/ }).click();
  await page.getByRole("button", { name: "Find out" }).click();
  await expect(graph.getByRole("link", { name: first })).toBeVisible();

  await page.getByRole("radio", { name: "The shortest" }).click();
  await page.getByRole("textbox", { name: "ARN of the role or resource" }).fill(object);
  await expect(page.getByRole("textbox", { name: "Action on the resource" })).toHaveValue("s3:GetObject");
  await page.getByRole("button", { name: "Find out" }).click();
  await page.getByRole("button", { name: "List", exact: true }).click();
  await expect(row(page, object)).toContainText(second);
  await expect(row(page, object)).toContainText(/Can(?!not)/);
  await expect(row(page, object)).not.toContainText(first);
  await page.getByRole("button", { name: "Graph", exact: true }).click();
  await expect(graph.getByText("s3:GetObject")).toBeVisible();
  await expectNoAxeViolations(page);
});

/** Makes people who are in a group, a few at a time. */
async function crowd(account: Account, group: string, count: number): Promise<void> {
  const names = Array.from({ length: count }, () => unique("crowd"));
  const one = async () => {
    for (let UserName = names.pop(); UserName; UserName = names.pop()) {
      await account.iam.send(new CreateUserCommand({ UserName }));
      await account.iam.send(new AddUserToGroupCommand({ GroupName: group, UserName }));
    }
  };
  await Promise.all([one(), one(), one(), one()]);
}

test("of more than 200 things those of a kind are one, and the page answers to keys at once", async ({
  page,
  world,
}) => {
  test.slow();
  const { dev } = world;
  const role = await dev.role({ trusts: dev.id });
  const group = await dev.group({ may: [allow("sts:AssumeRole", role.arn)] });
  await crowd(dev, group, 190);
  const admin = await dev.user({ administrator: true });
  const session = await signIn(page, admin);
  await open(page, session, asked({ ask: "who", to: role.arn }));
  const graph = drawn(page);
  await expect(graph.getByRole("link", { name: role.name })).toBeVisible({ timeout: 20_000 });
  await expect(graph).toHaveAccessibleName(/19\d things/);
  const field = page.getByLabel("ARN of the role");
  const began = Date.now();
  await field.pressSequentially("0123456789");
  expect(Date.now() - began).toBeLessThan(5_000);

  await crowd(dev, group, 15);
  await open(page, session, asked({ ask: "who", to: role.arn }));
  await expect(graph.getByText(/^2\d\d users$/)).toBeVisible({ timeout: 20_000 });
  await expect(graph.getByRole("link", { name: group })).toBeVisible();
  await expect(page.getByText(/These are more than 200 things/).first()).toBeVisible();
  await expectNoAxeViolations(page);
  await page.getByRole("button", { name: "List", exact: true }).click();
  await expect(page.getByText(/\(2\d\d\)$/).first()).toBeVisible();
});

test("whoever may not ask is told so", async ({ page, world }) => {
  const bob = await world.dev.user();
  const role = await world.dev.role({ trusts: world.dev.id });
  const session = await signIn(page, bob);
  await open(page, session, asked({ ask: "who", to: role.arn }));
  await expect(page.getByText(/You may not regent:ListTrustEdges/).first()).toBeVisible();
  await open(page, session, asked({ ask: "path", from: bob.arn, to: role.arn }));
  await expect(page.getByText(/You may not regent:FindAccessPaths/).first()).toBeVisible();
  await expectNoAxeViolations(page);
});
