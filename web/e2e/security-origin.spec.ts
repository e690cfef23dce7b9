/** What other pages of this machine can do to somebody who is signed in: objects of buckets, other ports, frames. */
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { type Account, call, consolePath, cookies, expect, sessionsOf, signIn, test, unique } from "./harness";

/** What a script would do that runs at the console's origin: the secret is in reach, the cookie comes along. */
const theft = `
  const say = (what) => { document.title = what; document.documentElement.setAttribute("data-said", what); };
  say("ran");
  const secret = () => { try { return localStorage.getItem("regent-console") } catch { return "1" } };
  fetch("/_regent/signin/sessions", { headers: { "X-Regent-Console": secret() } })
    .then(async (r) => say("got " + r.status + " " + await r.text()), (e) => say("failed: " + e));`;

const evil = {
  html: { type: "text/html", body: `<!doctype html><title>quiet</title><script>${theft}</script>` },
  svg: {
    type: "image/svg+xml",
    body: `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>quiet</title><script><![CDATA[${theft}]]></script></svg>`,
  },
  xhtml: {
    type: "application/xhtml+xml",
    body: `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>quiet</title></head><body><script><![CDATA[${theft}]]></script></body></html>`,
  },
};

async function presigned(account: Account, bucket: string, key: string, as?: string): Promise<string> {
  return getSignedUrl(account.s3, new GetObjectCommand({ Bucket: bucket, Key: key, ResponseContentType: as }));
}

// The attack of the design: a bucket's objects share the console's origin.
// Rules: TH-88 TH-89
for (const [kind, { type, body }] of Object.entries(evil)) {
  test(`an object of a bucket that is ${kind} runs nothing`, async ({ page, world, watch }) => {
    await signIn(page, await world.dev.user());
    const bucket = await world.dev.bucket();
    await world.dev.put(bucket, "evil", body, type);
    await world.dev.put(bucket, "plain", body, "text/plain");
    watch.allow(/script-src/, /Blocked script execution/);
    const said = () => page.evaluate(() => document.documentElement.getAttribute("data-said") ?? "nothing");
    for (const url of [await presigned(world.dev, bucket, "evil"), await presigned(world.dev, bucket, "plain", type)]) {
      await page.goto(url);
      await expect(page).not.toHaveTitle(/ran|got|failed/);
      expect(await page.evaluate(() => origin)).toBe("null");
      expect(await said()).toBe("nothing");
      expect(
        await page.evaluate(() => {
          try {
            return document.cookie;
          } catch {
            return "none";
          }
        }),
      ).toBe("none");
    }

    // The same object without the sandbox would read who is signed in: the test would see it.
    await page.route("**/evil*", async (route) => {
      const response = await route.fetch();
      const { "content-security-policy": _, ...headers } = response.headers();
      await route.fulfill({ response, headers });
    });
    await page.goto(await presigned(world.dev, bucket, "evil"));
    await expect.poll(said).toContain("got 200");
  });
}

test("an object of a bucket sends no form, opens no window, frames nothing and tells nobody where it lies", async ({
  page,
  world,
  startSite,
  watch,
}) => {
  const session = await signIn(page, await world.dev.user());
  const other = await startSite();
  const bucket = await world.dev.bucket();
  await world.dev.put(
    bucket,
    "evil",
    `<!doctype html><title>quiet</title>
     <form method="post" action="/_regent/signin/signout" enctype="text/plain"><input name='{"all":true,"' value='":0}'><button>Send</button></form>
     <a href="/_regent/console/" target="_blank">Open</a>
     <iframe src="/_regent/console/"></iframe>
     <a href="${other.url}/went">Go</a>`,
    "text/html",
  );
  watch.allow(
    /form-action|frame-src|default-src/,
    /Blocked (form submission|opening)/,
    /sandbox/,
    /Content Security Policy/,
  );
  const url = await presigned(world.dev, bucket, "evil");
  await page.goto(url);
  expect(page.frames().filter((f) => f !== page.mainFrame() && f.url().includes("console"))).toEqual([]);
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("link", { name: "Open" }).click();
  expect(page.context().pages()).toHaveLength(1);
  expect(page.url()).toBe(url);
  await page.getByRole("link", { name: "Go" }).click();
  await page.waitForURL(`${other.url}/went`);
  expect(other.asked.at(-1)?.headers.referer).toBeUndefined(); // it would hold the signature
  await page.goto(world.server.url + consolePath);
  expect((await sessionsOf(page)).sessions.map((s) => s.id)).toEqual([session.id]);
});

test("a page of another port gets nothing from the calls of the console, and changes nothing by them", async ({
  page,
  world,
  startSite,
  watch,
}) => {
  const alice = await world.dev.user();
  const session = await signIn(page, alice);
  const [other, third] = [await startSite(), await startSite()];
  watch.allow(/CORS policy/, /ERR_FAILED/, /ERR_BLOCKED_BY_RESPONSE/);
  await page.goto(other.url);
  const answers: string[] = [];
  page.on("response", (response) => {
    if (response.url().startsWith(world.server.url)) answers.push(`${response.status()} ${response.url()}`);
  });
  const tried = await page.evaluate(
    async ([server, id]) => {
      const tries: [string, string, RequestInit][] = [];
      for (const [call, body] of [
        ["credentials", { session: id }],
        ["signout", { all: true }],
        ["switchrole", { session: id, account: "prod", roleName: "r", displayName: "", color: "" }],
        ["exit", { session: id }],
        ["reauth", { session: id, password: "x" }],
      ] as const) {
        const init: RequestInit = { method: "POST", credentials: "include", body: JSON.stringify(body) };
        const json = { "Content-Type": "application/json", "X-Regent-Console": "1" };
        tries.push([call, "cors", { ...init, headers: json }]);
        tries.push([call, "no-cors", { ...init, mode: "no-cors" }]);
        tries.push([call, "form", { ...init, mode: "no-cors", body: new URLSearchParams({ session: id }) }]);
      }
      tries.push(["sessions", "cors", { credentials: "include" }]);
      tries.push(["sessions", "no-cors", { credentials: "include", mode: "no-cors" }]);
      const read: string[] = [];
      for (const [call, mode, init] of tries) {
        const response = await fetch(`${server}/_regent/signin/${call}`, init).catch(() => undefined);
        if (response && response.type !== "opaque") read.push(`${call} ${mode}: ${await response.text()}`);
      }
      return { read, count: tries.length };
    },
    [world.server.url, session.id] as const,
  );
  expect(tried.read).toEqual([]); // no answer can be read
  await expect.poll(() => answers.length).toBeGreaterThanOrEqual(10);
  expect(answers.filter((a) => !a.startsWith("4"))).toEqual([]);
  // Another port is the same site, so that Strict sends the cookie along: it alone must not do.
  await page.evaluate((to) => fetch(to, { credentials: "include", mode: "no-cors" }), `${third.url}/_regent/signin/x`);
  expect(third.asked.at(-1)?.headers.cookie).toContain((await cookies(page.context(), world.server))[0]?.value);
  await page.goto(world.server.url + consolePath);
  expect((await sessionsOf(page)).sessions.map((s) => s.id)).toEqual([session.id]);
});

// Rules: TH-86
test("a page of another port signs nobody in", async ({ page, world, startSite }) => {
  const mallory = await world.dev.user();
  const fields = { tab: "user", account: "dev", user: mallory.user, password: mallory.password, return: consolePath };
  const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
  const form = `<form method="post" action="${world.server.url}/_regent/signin">${inputs.join("")}<button>Go</button></form>`;
  const other = await startSite({ "/": { html: form } });
  await page.goto(other.url);
  const [response] = await Promise.all([
    page.waitForResponse((r) => r.request().method() === "POST"),
    page.getByRole("button", { name: "Go" }).click(),
  ]);
  expect(response.status()).toBe(403);
  expect(await cookies(page.context(), world.server)).toEqual([]);
});

test("nobody frames the console or the sign-in pages", async ({ page, world, startSite, watch }) => {
  await signIn(page, await world.dev.user());
  const { url } = world.server;
  const frames = ["/_regent/console/", "/_regent/signin", "/_regent/signin/switchrole?account=prod&roleName=r"];
  const other = await startSite({
    "/": { html: frames.map((path) => `<iframe src="${url}${path}" width="300" height="200"></iframe>`).join("") },
  });
  watch.allow(/frame-ancestors/, /X-Frame-Options/, /chrome-error/);
  await page.goto(other.url);
  const framed = page.frames().slice(1);
  expect(framed).toHaveLength(frames.length);
  for (const frame of framed) {
    await expect.poll(() => frame.url()).toMatch(/^chrome-error:/);
  }
});

test("a window that another page opened is out of its reach", async ({ page, world, startSite }) => {
  await signIn(page, await world.dev.user());
  const other = await startSite({ "/": { html: "<button onclick='w = window.open(to)'>Open</button>" } });
  await page.goto(other.url);
  await page.evaluate((to) => Object.assign(globalThis, { to }), world.server.url + consolePath);
  const [opened] = await Promise.all([page.waitForEvent("popup"), page.getByRole("button", { name: "Open" }).click()]);
  await opened.waitForURL((address) => address.pathname.startsWith(consolePath));
  expect(await opened.evaluate(() => opener === null)).toBe(true);
  await expect.poll(() => page.evaluate(() => (globalThis as unknown as { w: Window }).w.closed)).toBe(true);
});

// Rules: TH-83
test.describe("cookies do not know of ports", () => {
  test("the cookie that another port receives is worth nothing without the origin's secret", async ({
    page,
    world,
    startSite,
  }) => {
    const session = await signIn(page, await world.dev.user());
    const other = await startSite();
    await page.goto(`${other.url}/_regent/anything`);
    const cookie = other.asked.at(-1)?.headers.cookie ?? "";
    const [held] = await cookies(page.context(), world.server);
    expect(cookie).toContain(`${held?.name}=${held?.value}`); // it does receive it
    for (const secret of ["1", "", "x", held?.value ?? ""]) {
      for (const [path, body] of [["sessions"], ["credentials", { session: session.id }]] as const) {
        const answer = await fetch(`${world.server.url}/_regent/signin/${path}`, {
          method: body ? "POST" : "GET",
          headers: { cookie, "X-Regent-Console": secret, "Content-Type": "application/json" },
          body: body && JSON.stringify(body),
        });
        expect([400, 401]).toContain(answer.status);
      }
    }
  });

  test("a session that another port plants is nobody's, and what is signed in stays its own", async ({
    page,
    browser,
    world,
    startSite,
  }) => {
    const mallorys = await browser.newContext();
    const mallory = await mallorys.newPage();
    await signIn(mallory, await world.dev.user());
    const [planted] = await cookies(mallorys, world.server);
    const other = await startSite({
      "/": { html: "", headers: { "Set-Cookie": `${planted?.name}=${planted?.value}; Path=/_regent/; HttpOnly` } },
    });
    const alice = await world.dev.user();
    await signIn(page, alice);
    await page.goto(other.url);
    expect((await cookies(page.context(), world.server)).map((c) => c.value)).toEqual([planted?.value]);
    await page.goto(world.server.url + consolePath);
    await page.waitForURL((url) => url.pathname === "/_regent/signin"); // and not mallory's console
    await signIn(page, alice);
    const [fresh] = await cookies(page.context(), world.server);
    expect(fresh?.value).not.toBe(planted?.value);
    expect((await sessionsOf(page)).sessions.map((s) => s.arn)).toEqual([alice.arn]);
    expect((await sessionsOf(mallory)).sessions.map((s) => s.arn)).not.toContain(alice.arn);
    await mallorys.close();
  });

  test("two cookies of the name are refused", async ({ page, world, startSite }) => {
    const alice = await world.dev.user();
    await signIn(page, alice);
    const [held] = await cookies(page.context(), world.server);
    const other = await startSite({
      "/": { html: "", headers: { "Set-Cookie": `${held?.name}=${unique("planted")}; Path=/_regent/signin` } },
    });
    await page.goto(other.url);
    await page.goto(world.server.url + consolePath);
    expect((await call(page, "sessions")).status).toBe(400);
    await page.goto(`${world.server.url}/_regent/signin`);
    await page.getByLabel("Account ID or alias").fill("dev");
    await page.getByLabel("IAM user name").fill(alice.user);
    await page.getByLabel("Password").fill(alice.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Two cookies of one name" })).toBeVisible();
  });
});
