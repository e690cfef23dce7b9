/** What a session is worth to whoever reads a part of it, plants one, or finds an old one. */
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Page } from "@playwright/test";
import {
  allow,
  call,
  configOf,
  consolePath,
  cookies,
  expect,
  open,
  type Server,
  type Session,
  sessionsOf,
  signIn,
  submitSignIn,
  test,
  type User,
} from "./harness";

interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** Who the credentials are of, or the code of the error. */
async function identity(server: Server, credentials: Credentials): Promise<string> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials; // its expiration is text, which no client takes
  const sts = new STSClient(configOf(server, { accessKeyId, secretAccessKey, sessionToken }));
  return sts.send(new GetCallerIdentityCommand({})).then(
    (answer) => answer.Arn ?? "",
    (error: Error) => error.name,
  );
}

async function credentialsOf(page: Page, session: Session): Promise<Credentials> {
  const { status, answer } = await call<Credentials>(page, "credentials", { session: session.id });
  expect(status).toBe(200);
  return answer;
}

/** What a call is answered with that shows these cookies and this secret, from outside of any browser. */
async function statusWith(server: Server, name: string, cookie: string, secret: string): Promise<number> {
  const headers = { Cookie: `${name}=${cookie}`, "X-Regent-Console": secret };
  return (await fetch(`${server.url}/_regent/signin/sessions`, { headers })).status;
}

const secretOf = (page: Page) => page.evaluate(() => localStorage.getItem("regent-console") ?? "");

// Rules: CO-5 TH-88
test("what the console signs with lies nowhere that a script could look", async ({ page, world }) => {
  const given: Credentials[] = [];
  await page.route("**/_regent/signin/credentials", async (route) => {
    const response = await route.fetch();
    given.push((await response.json()) as Credentials);
    await route.fulfill({ response });
  });
  const session = await signIn(page, await world.dev.user({ administrator: true }));
  await open(page, session, "/iam/users");
  await open(page, session, "/");
  await expect.poll(() => given.length).toBeGreaterThanOrEqual(2);
  for (const c of given) expect(c.secretAccessKey.length).toBeGreaterThan(30);
  const [cookie] = await cookies(page.context(), world.server);
  const found = await page.evaluate(async () => {
    const places: Record<string, string> = {
      cookie: document.cookie,
      storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
      document: document.documentElement.outerHTML,
      addresses: performance
        .getEntries()
        .map((e) => e.name)
        .join("\n"),
      caches: (await caches.keys()).join(),
      databases: (await indexedDB.databases()).map((d) => d.name).join(),
      history: JSON.stringify(history.state),
      name: window.name,
    };
    const own = Object.getOwnPropertyNames(window);
    for (const name of own) {
      const value = (window as unknown as Record<string, unknown>)[name];
      if (typeof value === "string") places[`window.${name}`] = value;
      else if (value && typeof value === "object" && value !== window) {
        try {
          places[`window.${name}`] = JSON.stringify(value) ?? "";
        } catch {
          // It has a cycle, or is the browser's own.
        }
      }
    }
    return places;
  });
  const secrets = [...given.flatMap((c) => [c.secretAccessKey, c.sessionToken]), cookie?.value ?? "?"];
  for (const [place, text] of Object.entries(found)) {
    for (const secret of secrets) expect(text.includes(secret), `${place} has a secret`).toBe(false);
  }
  expect(found).toMatchObject({ cookie: "", caches: "", databases: "" });
});

test("the page's own policy stops what is put into it", async ({ page, world, watch }) => {
  await signIn(page, await world.dev.user());
  watch.allow(
    /script-src|connect-src|img-src|style-src|frame-src|base-uri|form-action/,
    /Content Security Policy/,
    /violates/,
  );
  await page.addInitScript(() => undefined);
  const ran = await page.evaluate(async () => {
    const inline = document.createElement("div");
    inline.innerHTML = `<img src="data:," onerror="globalThis.ran = 'handler'"><a id="x" href="javascript:globalThis.ran='link'">x</a>`;
    document.body.append(inline);
    document.querySelector<HTMLElement>("#x")?.click();
    // What 'strict-dynamic' lets a running script add is not what markup can: as the parser sees it.
    const frame = document.createElement("iframe");
    frame.srcdoc = "<script>parent.ran = 'frame'</" + "script>";
    document.body.append(frame);
    const base = document.createElement("base");
    base.href = "https://base.example/";
    document.head.append(base);
    const form = document.createElement("form");
    form.action = "https://form.example/";
    document.body.append(form);
    form.submit();
    await fetch("https://connect.example/").catch(() => undefined);
    await new Promise((done) => setTimeout(done, 300));
    return { ran: (globalThis as unknown as { ran?: string }).ran, base: document.baseURI };
  });
  expect(ran).toEqual({ ran: undefined, base: page.url() });
});

// Rules: TH-83
test("each sign-in, added session and switch gives a new cookie, and the old one dies", async ({
  page,
  startWorld,
}) => {
  const world = await startWorld("--dev");
  const { server } = world;
  const alice = await world.dev.user();
  const role = await world.prod.role({ trusts: world.dev.id, may: [allow("s3:ListAllMyBuckets")] });
  await world.dev.allowUser(alice.user, allow("sts:AssumeRole", role.arn));
  const held: { cookie: string; secret: string }[] = [];
  let name = "";
  const keep = async () => {
    const [cookie] = await cookies(page.context(), server);
    name = cookie?.name ?? "";
    held.push({ cookie: cookie?.value ?? "", secret: await secretOf(page) });
  };
  const session = await signIn(page, alice);
  await keep();
  await signIn(page, await world.dev.user()); // beside it
  await keep();
  const switched = { session: session.id, account: "prod", roleName: role.name, displayName: "", color: "" };
  expect((await call(page, "switchrole", switched)).status).toBe(200);
  await keep();
  expect((await call(page, "reauth", { session: session.id, password: alice.password })).status).toBe(200);
  await keep();
  await signIn(page, alice); // again
  await keep();
  const texts = held.flatMap((h) => [h.cookie, h.secret]);
  expect(new Set(texts).size).toBe(texts.length);
  expect(await sessionsOf(page)).toMatchObject({ sessions: { length: 3 } });
  await server.advance("31s"); // calls on their way are answered for 30 s
  const last = held.at(-1);
  expect(await statusWith(server, name, last?.cookie ?? "", last?.secret ?? "")).toBe(200);
  for (const old of held.slice(0, -1)) {
    expect(await statusWith(server, name, old.cookie, old.secret)).toBe(401);
    expect(await statusWith(server, name, old.cookie, last?.secret ?? "")).toBe(401);
    expect(await statusWith(server, name, last?.cookie ?? "", old.secret)).toBe(401);
  }
});

test("a cookie that was there before signing in is not what is signed in with", async ({ page, browser, world }) => {
  const planter = await browser.newContext();
  const planters = await planter.newPage();
  await signIn(planters, await world.dev.user());
  const [planted] = await cookies(planter, world.server);
  const secret = await secretOf(planters);
  if (!planted) throw new Error("no cookie");
  await page.context().addCookies([planted]);
  const alice = await world.dev.user();
  await signIn(page, alice);
  const [own] = await cookies(page.context(), world.server);
  expect(own?.value).not.toBe(planted.value);
  const headers = { Cookie: `${planted.name}=${planted.value}`, "X-Regent-Console": secret };
  const answer = await fetch(`${world.server.url}/_regent/signin/sessions`, { headers });
  expect(await answer.text()).not.toContain(alice.arn);
  expect((await sessionsOf(page)).sessions.map((s) => s.arn)).toEqual([alice.arn]);
  await planter.close();
});

// Rules: TH-87
test("after signing in one is on the console, whatever the address asked for", async ({ page, world }) => {
  const alice = await world.dev.user();
  const evil = [
    "https://evil.example/",
    "//evil.example/_regent/console/",
    "/\\evil.example/",
    "/_regent/console/../../bucket/evil.html",
    "/_regent/console/%2e%2e/%2e%2e/bucket/evil.html",
    "/_regent/console/..%2f..%2fbucket",
    "/_regent/console\\..\\..\\bucket",
    "/_regent/console/\t/../x",
    "/_regent/consolation",
    "/_regent/signin?return=//evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "@evil.example/_regent/console/",
    "/_regent/console//evil.example/",
  ];
  await page.goto(`${world.server.url}/_regent/signin`);
  for (const back of evil) {
    await page.goto(`${world.server.url}/_regent/signin?${new URLSearchParams({ account: "dev", return: back })}`);
    expect(await page.locator("input[name=return]").inputValue(), back).toBe(consolePath);
  }
  // And when the field itself is changed.
  for (const back of [evil[1], evil[4]]) {
    await page.goto(`${world.server.url}/_regent/signin?account=dev`);
    await page.locator("input[name=return]").evaluate((field: HTMLInputElement, to) => (field.value = to), back ?? "");
    await page.getByLabel("IAM user name").fill(alice.user);
    await page.getByLabel("Password").fill(alice.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL((url) => url.pathname.startsWith(consolePath));
    expect(page.url()).toMatch(new RegExp(`^${world.server.url}/_regent/console/~[a-z2-7]{8}/$`));
  }
  const session = await signIn(page, alice, `${consolePath}iam/users?filter=a%2Fb#c`);
  expect(page.url()).toContain(`/~${session.id}/iam/users?filter=a%2Fb`);
});

test.describe("what ends a session ends what it gave out", () => {
  async function given(page: Page, who: User) {
    const session = await signIn(page, who);
    const credentials = await credentialsOf(page, session);
    expect(await identity(who.server, credentials)).toBe(who.arn);
    return { session, credentials };
  }

  test("signing out", async ({ page, world }) => {
    const alice = await world.dev.user();
    const { session, credentials } = await given(page, alice);
    await page.getByRole("button", { name: new RegExp(alice.user) }).click();
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.waitForURL((url) => url.pathname === "/_regent/signin");
    expect(await cookies(page.context(), world.server)).toEqual([]);
    expect(await identity(world.server, credentials)).not.toBe(alice.arn);
    await page.goBack();
    await page.waitForURL((url) => url.pathname === "/_regent/signin");
    await page.goto(`${world.server.url}${consolePath}~${session.id}/iam/users`);
    await page.waitForURL((url) => url.pathname === "/_regent/signin");
  });

  test("signing out everywhere, from another browser", async ({ page, browser, world }) => {
    const alice = await world.dev.user();
    const { session, credentials } = await given(page, alice);
    const elsewhere = await browser.newContext();
    const other = await elsewhere.newPage();
    const there = await signIn(other, alice);
    expect((await call(other, "signout", { everywhere: true, session: there.id })).status).toBe(200);
    expect((await call(page, "credentials", { session: session.id })).status).toBe(401);
    expect(await identity(world.server, credentials)).not.toBe(alice.arn);
    await elsewhere.close();
  });
});

// Rules: CO-1
test("a wrong account, user or password is told by one text", async ({ page, world }) => {
  const alice = await world.dev.user();
  const texts = new Set<string>();
  const nobody = { ...world.dev, alias: "nobody-s-alias" } as User["account"];
  for (const who of [
    { ...alice, password: "wrong" },
    { ...alice, user: "nobody" },
    { ...alice, account: nobody },
  ]) {
    await submitSignIn(page, who);
    texts.add(await page.getByRole("alert").innerText());
    expect(page.url()).not.toContain(who.password);
  }
  expect([...texts]).toEqual(["Your authentication information is incorrect. Please try again."]);
});
