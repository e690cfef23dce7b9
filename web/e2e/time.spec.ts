/**
 * How long a session lasts, on the server's clock and the browser's: both are moved on together. A page asks for
 * credentials when it needs them and never by itself, so each step does something.
 */
import { DeleteRolePolicyCommand, PutRolePolicyCommand, UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import {
  allow,
  call,
  consolePath,
  document,
  expect,
  expectNoAxeViolations,
  open,
  type Server,
  type Session,
  sessionsOf,
  signIn,
  test,
  unique,
  type User,
  type World,
} from "./harness";

const password = (page: Page) => page.getByLabel("Password");

/** Moves both clocks on by minutes. */
async function pass(page: Page, server: Server, minutes: number): Promise<void> {
  await server.advance(`${minutes}m`);
  await page.clock.fastForward(minutes * 60_000);
}

/** Counts how often the page asked for credentials. */
function asked(page: Page): () => number {
  let count = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/signin/credentials")) count++;
  });
  return () => count;
}

/** Goes to the list of users within the application and waits for what it says. */
async function listUsers(page: Page, shows: string): Promise<void> {
  await page.getByRole("link", { name: "Home" }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Hello");
  await page.getByRole("link", { name: "Users" }).first().click();
  await page.getByRole("button", { name: "Refresh" }).click();
  await expect(page.getByText(shows).first()).toBeVisible();
}

async function switchTo(page: Page, session: Session, roleName: string, account = "prod"): Promise<Session> {
  const input = { session: session.id, account, roleName, displayName: "", color: "" };
  const { status, answer } = await call<{ session: Session }>(page, "switchrole", input);
  expect(status).toBe(200);
  return answer.session;
}

/** Signs in again in the tab that the overlay opens. */
async function signInAgain(page: Page, who: User): Promise<void> {
  const [tab] = await Promise.all([
    page.context().waitForEvent("page"),
    page.getByRole("button", { name: "Sign in again" }).click(),
  ]);
  await tab.getByLabel("IAM user name").fill(who.user);
  await password(tab).fill(who.password);
  // The tab closes by itself: a script opened it.
  await Promise.all([tab.waitForEvent("close"), tab.getByRole("button", { name: "Sign in", exact: true }).click()]);
}

const lists = [allow("iam:ListUsers"), allow("iam:GetUser"), allow("iam:ListMFADevices")];

// Rules: CO-3
test("credentials are renewed when 25 minutes have passed, and after 12 hours the same user goes on where they were", async ({
  page,
  startWorld,
}) => {
  test.setTimeout(120_000);
  const world = await startWorld("--dev");
  const { server } = world;
  const alice = await world.dev.user({ may: lists });
  await page.clock.install();
  const count = asked(page);
  const session = await signIn(page, alice);
  await open(page, session, "/iam/users");
  await expect(page.getByText(alice.user).first()).toBeVisible();
  const before = count();
  await pass(page, server, 24);
  await listUsers(page, alice.user);
  expect(count()).toBe(before);
  await pass(page, server, 2);
  await listUsers(page, alice.user);
  expect(count()).toBe(before + 1);

  // Somebody who works all day stays signed in, until the day is over.
  const end = Date.parse((await sessionsOf(page)).sessions[0]?.expiresAt ?? "");
  let now = await server.now();
  while (end - now > 60 * 60_000) {
    await pass(page, server, 50);
    await page.keyboard.press("Shift");
    now = await server.now();
    const idle = Math.min(now + 60 * 60_000, end);
    await expect
      .poll(async () => Date.parse((await sessionsOf(page)).sessions[0]?.idleExpiresAt ?? ""))
      .toBeGreaterThan(idle - 10_000);
  }
  await pass(page, server, Math.floor((end - now) / 60_000) - 4);
  await expect(page.getByText(/This session ends in [34]:\d\d/).first()).toBeVisible();
  await open(page, session, "/switchrole");
  await page.getByLabel("Role name").fill("half-typed");
  await pass(page, server, 5);
  const overlay = page.getByRole("dialog", { name: "Your session has ended" });
  await expect(overlay).toBeVisible();
  await signInAgain(page, alice);
  await expect(overlay).toBeHidden();
  await expect(page.getByLabel("Role name")).toHaveValue("half-typed");
  expect((await sessionsOf(page)).sessions.map((s) => s.arn)).toEqual([alice.arn]);
});

test("an idle session is announced, kept by a button, and ended; what somebody else finds there is nothing", async ({
  page,
  startWorld,
}) => {
  const world = await startWorld("--dev");
  const { server } = world;
  const alice = await world.dev.user({ may: lists });
  const bob = await world.dev.user();
  await page.clock.install();
  const session = await signIn(page, alice);
  await open(page, session, "/switchrole");
  await pass(page, server, 56);
  await expect(page.getByText(/Nothing was done here/).first()).toBeVisible();
  await expectNoAxeViolations(page);
  await page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(page.getByText(/Nothing was done here/)).toBeHidden();
  await pass(page, server, 30);
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.getByLabel("Role name").fill("alice's draft");
  await pass(page, server, 61);
  const overlay = page.getByRole("dialog", { name: "Your session has ended" });
  await expect(overlay).toBeVisible();
  await expectNoAxeViolations(page);
  expect((await call(page, "credentials", { session: session.id })).status).toBe(401);
  await signInAgain(page, bob);
  await overlay.getByRole("button", { name: "Leave this page" }).last().click();
  await expect(page.getByRole("button", { name: new RegExp(bob.user) })).toBeVisible();
  await expect(page.getByText("alice's draft")).toHaveCount(0);
});

test.describe("while switched to a role", () => {
  async function switched(page: Page, world: World) {
    const role = await world.prod.role({ trusts: world.dev.id, may: lists });
    const alice = await world.dev.user({ may: [allow("sts:AssumeRole", role.arn)] });
    const session = await signIn(page, alice);
    const as = await switchTo(page, session, role.name);
    await open(page, as, "/iam/users");
    const users = page.getByRole("grid");
    await expect(users).toBeVisible();
    await expect(users).not.toContainText("Loading"); // until then what is refused may be this first call
    return { role, alice, session, as };
  }

  // Rules: CO-15
  test("a trust that is withdrawn ends it within half an hour, and the user is still there", async ({
    page,
    startWorld,
  }) => {
    const world = await startWorld("--dev");
    const { server } = world;
    await page.clock.install();
    const { role, alice, session } = await switched(page, world);
    const PolicyDocument = document({ Effect: "Allow", Principal: { AWS: world.prod.id }, Action: "sts:AssumeRole" });
    await world.prod.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: role.name, PolicyDocument }));
    await pass(page, server, 20); // what was given out is good for 30 minutes
    await page.getByRole("button", { name: "Refresh" }).click();
    await expect(page.getByRole("dialog")).toBeHidden();
    await pass(page, server, 6);
    await page.getByRole("button", { name: "Refresh" }).click();
    const overlay = page.getByRole("dialog", { name: "The role was not given again" });
    await expect(overlay).toBeVisible();
    await overlay.getByRole("button", { name: `Back to ${alice.user}` }).click();
    await page.waitForURL((url) => url.pathname.startsWith(`${consolePath}~${session.id}`));
    await expect(page.getByRole("button", { name: new RegExp(alice.user) })).toBeVisible();
  });

  // Rules: CO-15
  test("a role that is not given again ends when its own time is over, and is switched to anew", async ({
    page,
    startWorld,
  }) => {
    const world = await startWorld("--dev", "--signin-role-session", "strict");
    const { server } = world;
    await page.clock.install();
    const { role, alice, session, as } = await switched(page, world);
    const idle = async () => Date.parse((await sessionsOf(page)).sessions[0]?.idleExpiresAt ?? "");
    const before = await idle();
    await pass(page, server, 30);
    await page.keyboard.press("Shift");
    await expect.poll(idle).toBeGreaterThan(before);
    await pass(page, server, 26);
    await expect(page.getByText(/This role ends in [34]:\d\d/).first()).toBeVisible();
    await pass(page, server, 5);
    const overlay = page.getByRole("dialog", { name: "The role's time is over" });
    await expect(overlay).toBeVisible();
    await expectNoAxeViolations(page);
    await overlay.getByRole("button", { name: "Switch again" }).click();
    await expect(page.getByLabel("Role name")).toHaveValue(role.name);
    await page.getByRole("main").getByRole("button", { name: "Switch role" }).click();
    await expect(page.getByRole("button", { name: new RegExp(`${role.name} @ prod`) })).toBeVisible();
    const { sessions } = await sessionsOf(page);
    expect(sessions.map((s) => s.kind)).toEqual(["user", "role"]);
    expect(sessions[0]?.id).toBe(session.id);
    expect(sessions[1]?.id).not.toBe(as.id);
    expect(sessions[0]?.arn).toBe(alice.arn);
  });

  test("sessions that are revoked are refused at once, until the role is switched to again", async ({
    page,
    world,
  }) => {
    const { role } = await switched(page, world);
    const PolicyDocument = document({
      Effect: "Deny",
      Action: "*",
      Resource: "*",
      Condition: { DateLessThan: { "aws:TokenIssueTime": new Date(Date.now() + 1000).toISOString() } },
    });
    const policy = { RoleName: role.name, PolicyName: "AWSRevokeOlderSessions" };
    await world.prod.iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument }));
    await page.getByRole("button", { name: "Refresh" }).click();
    await expect(page.getByText(/iam:ListUsers/).first()).toBeVisible();
    await world.prod.iam.send(new DeleteRolePolicyCommand(policy));
  });
});

test("five sessions live in tabs beside each other, and the sixth asks which is to close", async ({
  page,
  context,
  world,
}) => {
  test.setTimeout(120_000);
  const trusts = world.dev.id;
  const roles = await Promise.all(
    [1, 2, 3, 4, 5].map((n) => world.prod.role({ name: unique(`r${n}`), trusts, may: lists })),
  );
  const may = [
    allow(
      "sts:AssumeRole",
      roles.map((r) => r.arn),
    ),
  ];
  const alice = await world.dev.user({ may });
  const session = await signIn(page, alice);
  const tabs: { tab: Page; name: string }[] = [{ tab: page, name: alice.user }];
  for (const { name } of roles.slice(0, 4)) {
    const as = await switchTo(page, session, name);
    const tab = await context.newPage();
    await tab.goto(`${world.server.url}${consolePath}~${as.id}/iam/users`);
    tabs.push({ tab, name });
  }
  for (const { tab, name } of tabs) {
    await expect(tab.getByRole("button", { name: new RegExp(name) })).toBeVisible();
  }
  await open(page, session, `/switchrole?account=prod&roleName=${roles[4]?.name}`);
  await page.getByRole("main").getByRole("button", { name: "Switch role" }).click();
  await page.getByRole("button", { name: new RegExp(`Sign out of ${roles[0]?.name}`) }).click();
  await page.getByRole("main").getByRole("button", { name: "Switch role" }).click();
  await expect(page.getByRole("button", { name: new RegExp(`${roles[4]?.name} @ prod`) })).toBeVisible();
  // The others go on.
  for (const { tab, name } of tabs.slice(2)) {
    await tab.reload();
    await expect(tab.getByRole("button", { name: new RegExp(name) })).toBeVisible();
  }

  // Somebody else who signs in is the sixth as well.
  const bob = await world.dev.user();
  const query = new URLSearchParams({ account: "dev", return: consolePath });
  await page.goto(`${world.server.url}/_regent/signin?${query}`);
  await page.getByLabel("IAM user name").fill(bob.user);
  await password(page).fill(bob.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("radio", { name: new RegExp(roles[1]?.name ?? "?") }).check();
  await page.getByRole("button", { name: "Close it and sign in" }).click();
  await expect(page.getByRole("button", { name: new RegExp(bob.user) })).toBeVisible();
  expect((await sessionsOf(page)).sessions).toHaveLength(5);
});
