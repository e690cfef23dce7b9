/** Groups: who is in them, what they may do, and the roles that their members may assume. */
import { GetGroupCommand, GetGroupPolicyCommand, PutGroupPolicyCommand } from "@aws-sdk/client-iam";
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
} from "./harness";

test("a group is created with users and policies, filled, emptied and deleted", async ({ page, world }) => {
  const { dev } = world;
  const [alice, bob] = [await dev.user({ name: unique("alice") }), await dev.user({ name: unique("bob") })];
  const admin = await dev.user({ administrator: true });
  const name = unique("grp");
  const session = await signIn(page, admin);
  await open(page, session, "/iam/groups/create");
  await page.getByRole("button", { name: "Create group" }).click();
  await expect(page.getByText("Use 1 to 128 letters", { exact: false }).first()).toBeVisible();
  await page.getByRole("textbox", { name: "Group name" }).fill(name);
  await page.getByRole("searchbox", { name: "Find users" }).fill(alice.user);
  await page.getByRole("checkbox", { name: `Select ${alice.user}` }).click();
  await page.getByRole("searchbox", { name: "Find policies by name or action" }).fill("AmazonS3ReadOnly");
  await page.getByRole("checkbox", { name: "AmazonS3ReadOnlyAccess" }).check();
  await expectNoAxeViolations(page);
  await page.setViewportSize({ width: 320, height: 640 });
  await expect(() => expectNoSidewaysScroll(page)).toPass();
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("button", { name: "Create group" }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  await expect(page.getByRole("link", { name: alice.user })).toBeVisible();

  await page.getByRole("button", { name: "Add users" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("searchbox").fill(bob.user);
  await dialog.getByRole("checkbox", { name: `Select ${bob.user}` }).click();
  await dialog.getByRole("button", { name: "Add 1 user" }).click();
  await expect(page.getByRole("link", { name: bob.user })).toBeVisible();
  await page.getByRole("checkbox", { name: `Select ${alice.user}` }).click();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await dialog.getByRole("textbox").fill(name);
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByText(`1 user was removed from ${name}.`).first()).toBeVisible();
  const { Users } = await dev.iam.send(new GetGroupCommand({ GroupName: name }));
  expect(Users?.map((u) => u.UserName)).toEqual([bob.user]);

  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(dialog.getByRole("listitem")).toHaveText([
    new RegExp(`Remove user ${bob.user}`),
    /Detach policy AmazonS3ReadOnlyAccess/,
    new RegExp(`Delete group ${name}`),
  ]);
  await dialog.getByRole("textbox").fill(name);
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText(`Group ${name} is deleted.`).first()).toBeVisible();
  await expect(dev.iam.send(new GetGroupCommand({ GroupName: name }))).rejects.toThrow(/cannot be found/);
});

// Rules: SE-7 SE-10
test("members are let assume a role by the template, and the other side says whether it trusts them", async ({
  page,
  world,
}) => {
  const { dev, prod } = world;
  const name = await dev.group();
  const role = await prod.role({ trusts: dev.id });
  const shut = await prod.role({ trusts: prod.id });
  const admin = await dev.user({ administrator: true });
  const session = await signIn(page, admin);
  const digits = prod.id.replace(/^(....)(....)(....)$/, "$1-$2-$3");
  await open(page, session, `/iam/groups/${name}?tab=permissions`);
  await page.getByRole("link", { name: "Create inline policy" }).click();
  await page.getByRole("textbox", { name: "Policy name" }).fill("assume");
  await page.getByRole("button", { name: "Insert a template" }).click();
  await page.getByRole("menuitem", { name: /Let members assume a role/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox").fill(prod.id);
  await page.keyboard.press("Escape");
  await dialog.getByRole("textbox").fill(role.name);
  await dialog.getByRole("button", { name: "Insert" }).click();
  // Nobody of that account is signed in here: it cannot be seen.
  await expect(
    page.getByText(`Whether role ${role.name} in ${digits} trusts this account cannot be seen`),
  ).toBeVisible();
  await page.getByRole("button", { name: "Save policy" }).click();
  await expect(page.getByRole("heading", { name: "Roles that members may assume" })).toBeVisible();
  const { PolicyDocument } = await dev.iam.send(new GetGroupPolicyCommand({ GroupName: name, PolicyName: "assume" }));
  expect(JSON.parse(decodeURIComponent(PolicyDocument ?? "")).Statement).toEqual([
    { Effect: "Allow", Action: "sts:AssumeRole", Resource: role.arn },
  ]);

  const missing = `${role.arn}-x`;
  await dev.iam.send(
    new PutGroupPolicyCommand({
      GroupName: name,
      PolicyName: "more",
      PolicyDocument: document(allow("sts:AssumeRole", [shut.arn, missing])),
    }),
  );
  await signIn(page, await prod.user({ administrator: true }));
  await open(page, session, `/iam/groups/${name}?tab=permissions`);
  await expect(page.getByText(`Role ${role.name} in ${digits} trusts this account`).first()).toBeVisible();
  await expect(page.getByText(`Role ${shut.name} in ${digits} does not trust this account.`).first()).toBeVisible();
  await expect(page.getByText(`There is no role ${role.name}-x in ${digits}.`).first()).toBeVisible();
  await expectNoAxeViolations(page);
  await page.setViewportSize({ width: 320, height: 640 });
  await expect(() => expectNoSidewaysScroll(page)).toPass();
});

// Rules: SE-1 SE-10
test("the other half of a role is put on a group of the users' account, whose session is open beside", async ({
  page,
  world,
}) => {
  const { dev, prod } = world;
  const name = await dev.group();
  const role = await prod.role({ trusts: dev.id });
  await signIn(page, await dev.user({ administrator: true }));
  const session = await signIn(page, await prod.user({ administrator: true }));
  await open(page, session, `/iam/roles/${role.name}?tab=trust`);
  await page.getByRole("button", { name: "Put it on a group there" }).click();
  await page.getByRole("combobox", { name: "Group" }).fill(name);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Put it on a group there" }).click();
  await expect(page.getByText(`Members of ${name} in account`).first()).toBeVisible();
  const asked = { GroupName: name, PolicyName: `assume-${role.name}` };
  const { PolicyDocument } = await dev.iam.send(new GetGroupPolicyCommand(asked));
  expect(decodeURIComponent(PolicyDocument ?? "")).toContain(role.arn);
});

test("a role of every account is let be assumed only by whoever says so", async ({ page, world }) => {
  const name = await world.dev.group({ may: [allow("sts:AssumeRole", "arn:aws:iam::*:role/admin")] });
  const session = await signIn(page, await world.dev.user({ administrator: true }));
  await open(page, session, `/iam/groups/${name}/inline?policy=may`);
  await expect(page.getByText("names a role of every account").first()).toBeVisible();
  const save = page.getByRole("button", { name: "Save policy" });
  await expect(save).toBeDisabled();
  await page.getByRole("checkbox", { name: "That is what I want" }).check();
  await expect(save).toBeEnabled();
});

test("who may not list users adds them by name, and is told what is missing", async ({ page, world }) => {
  const { dev } = world;
  const name = await dev.group();
  const alice = await dev.user({ name: unique("alice") });
  const clerk = await dev.user({ may: [allow(["iam:GetGroup", "iam:AddUserToGroup"])] });
  const session = await signIn(page, clerk);
  await open(page, session, `/iam/groups/${name}`);
  await page.getByRole("button", { name: "Add users" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("You may not iam:ListUsers")).toBeVisible();
  await dialog.getByRole("textbox", { name: "User names" }).fill(alice.user);
  await dialog.getByRole("button", { name: "Add 1 user" }).click();
  await expect(page.getByRole("link", { name: alice.user })).toBeVisible();
  await page.getByRole("tab", { name: "Permissions" }).click();
  await expect(page.getByText("You may not iam:ListAttachedGroupPolicies on").first()).toBeVisible();
  await expect(page.getByText("You may not iam:ListGroupPolicies on").first()).toBeVisible();
  await expectNoAxeViolations(page);
});
