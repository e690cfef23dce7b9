/** Signing in with credentials: the federation endpoint, and the page that asks first. */
import { consolePath, cookies, expect, expectNoAxeViolations, type Key, sessionsOf, test, type World } from "./harness";
import { assume } from "./harness/world";

/** Trades credentials for a token, as a program does. */
async function signinToken(world: World, key: Key): Promise<string> {
  const session = { sessionId: key.accessKeyId, sessionKey: key.secretAccessKey, sessionToken: key.sessionToken };
  const parameters = new URLSearchParams({ Action: "getSigninToken", Session: JSON.stringify(session) });
  const answer = await fetch(`${world.server.url}/federation`, { method: "POST", body: parameters });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { SigninToken: string }).SigninToken;
}

const link = (world: World, token: string, destination: string) =>
  `${world.server.site}/federation?${new URLSearchParams({ Action: "login", Destination: destination, SigninToken: token })}`;

async function roleOf(world: World): Promise<{ key: Key; name: string }> {
  const role = await world.prod.role({ trusts: world.dev.id });
  const alice = await world.dev.user({ administrator: true });
  const key = await assume(world.server, await world.dev.accessKey(alice.user), role.arn);
  return { key, name: role.name };
}

// Rules: CO-20 CO-22 TH-86 TH-87
test("a link opens the console as a role, once somebody says that they want to", async ({ page, world }) => {
  const { key, name } = await roleOf(world);
  const token = await signinToken(world, key);
  await page.goto(link(world, token, `${consolePath}iam/roles`));
  await expect(page.getByRole("heading", { name: "Open the console?" })).toBeVisible();
  await expect(page.getByRole("main")).toContainText(`prod, ${world.prod.id}`);
  await expect(page.getByRole("main")).toContainText(`assumed-role/${name}/e2e`);
  await expectNoAxeViolations(page);
  expect(await cookies(page.context(), world.server)).toEqual([]); // nobody is signed in by a link
  await page.getByRole("button", { name: /^Open the console as/ }).click();
  await page.waitForURL((url) => /^\/_regent\/console\/~[a-z2-7]{8}\/iam\/roles$/.test(url.pathname));
  const { sessions } = await sessionsOf(page);
  expect(sessions).toHaveLength(1);
  expect(sessions[0]).toMatchObject({ kind: "federated", accountId: world.prod.id, roleName: name });

  await page.goto(link(world, token, consolePath));
  await page.getByRole("button", { name: /^Open the console as/ }).click();
  await expect(page.getByText("was used before").first()).toBeVisible();
});

// Rules: TH-85 TH-86 TH-87
test("another site's page signs nobody in, and sends nobody elsewhere", async ({ page, world, startSite, watch }) => {
  const { key } = await roleOf(world);
  const token = await signinToken(world, key);
  const site = await startSite();
  await page.goto(`${site.url}/`);
  // A frame shows nothing, and a form of theirs is refused.
  await page.evaluate(
    (to) => {
      const frame = document.createElement("iframe");
      frame.src = to;
      document.body.append(frame);
    },
    link(world, token, consolePath),
  );
  watch.allow(/frame/i, /ERR_BLOCKED_BY_RESPONSE/);
  const sent = page.waitForResponse((r) => r.request().method() === "POST");
  await page.evaluate((to) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = to;
    document.body.append(form);
    form.submit();
  }, `${world.server.site}/_regent/signin/federation`);
  expect((await sent).status()).toBe(403);
  await page.waitForURL(/signin\/federation$/);
  expect(await cookies(page.context(), world.server)).toEqual([]);

  await page.goto(link(world, await signinToken(world, key), `${site.url}/_regent/console/`));
  await page.getByRole("button", { name: /^Open the console as/ }).click();
  await page.waitForURL((url) => url.pathname.startsWith(`${consolePath}~`));
  expect(new URL(page.url()).origin).toBe(new URL(world.server.site).origin);
});
