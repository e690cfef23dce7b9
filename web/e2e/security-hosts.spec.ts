/** Under which names a browser gets to the console, and what other names can do to it. */
import { request } from "node:http";
import { call, consolePath, cookies, expect, type Server, signIn, submitSignIn, test, type User } from "./harness";

test("DNS rebinding: a name that is not the server's gets nothing of it, whatever is asked", async ({
  page,
  world,
  watch,
}) => {
  const { port } = new URL(world.server.url);
  const evil = `http://evil.example:${port}`;
  watch.trust(evil);
  await signIn(page, await world.dev.user());
  for (const path of [
    "/_regent/console/",
    "/_regent/signin",
    "/_regent/signin/sessions",
    "/_regent/console/assets/x.js",
  ]) {
    const response = await page.goto(evil + path);
    expect(response?.status(), path).toBe(421);
  }
  // A page that was there before the name was rebound may also post: Chromium forbids that it does by itself by now,
  // other browsers do not.
  const post = (path: string, type: string, body: string) =>
    new Promise<number | undefined>((done, failed) => {
      const headers = { Host: `evil.example:${port}`, "Content-Type": type, "X-Regent-Console": "1" };
      request(world.server.url + path, { method: "POST", headers }, (answer) => done(answer.resume().statusCode))
        .on("error", failed)
        .end(body);
    });
  expect(await post("/_regent/signin/credentials", "application/json", "{}")).toBe(421);
  expect(await post("/_regent/signin", "application/x-www-form-urlencoded", "tab=user&account=dev")).toBe(421);
  expect(await page.context().cookies(evil)).toEqual([]);
});

test("plain http to another machine's name is refused before a password is asked for", async ({
  page,
  startServer,
  watch,
}) => {
  // As behind a proxy that was not told to be believed.
  const server = await startServer("--public-url", "https://plain.example");
  const site = server.url.replace("127.0.0.1", "plain.example");
  watch.trust(site);
  watch.allow(/Cross-Origin-Opener-Policy header has been ignored/); // as it is without TLS
  await page.goto(`${site}/_regent/signin`);
  await expect(page.getByRole("heading", { name: "No sign-in without TLS" })).toBeVisible();
  await expect(page.locator("input[type=password]")).toHaveCount(0);
});

test.describe("with TLS", () => {
  test.use({ ignoreHTTPSErrors: true });

  /** Signs in without the console's script, as far as the server goes. */
  async function signedIn(page: import("@playwright/test").Page, who: User): Promise<string> {
    await submitSignIn(page, who);
    await page.waitForURL((url) => url.pathname.startsWith(consolePath));
    return page.url();
  }

  const setCookies = (server: Server) => (c: { domain: string }) => new URL(server.site).hostname.endsWith(c.domain);

  // Rules: TH-84
  test("the cookie is the host's own: no sibling sets it, none receives it", async ({
    page,
    startSecureWorld,
    watch,
  }) => {
    const world = await startSecureWorld();
    const { server } = world;
    const { port } = new URL(server.site);
    const bucket = await world.dev.bucket({}, "tossing");
    await signedIn(page, await world.dev.user());
    const [cookie] = await cookies(page.context(), server);
    expect(cookie).toMatchObject({
      name: "__Host-regent",
      secure: true,
      httpOnly: true,
      sameSite: "Strict",
      path: "/",
    });
    expect(cookie?.domain).toBe("regent.example"); // no dot before it: no sibling's

    // A bucket's own host lies below the console's. Its page runs no script; here one does, and still gets nowhere.
    const sibling = `https://${bucket}.s3.regent.example:${port}`;
    watch.trust(sibling);
    await page.route(`${sibling}/**`, (route) =>
      route.fulfill({
        contentType: "text/html",
        body: "<!doctype html><link rel=icon href=data:,>",
        headers: { "Set-Cookie": "__Host-regent=tossed; Domain=regent.example; Path=/; Secure" },
      }),
    );
    await page.goto(`${sibling}/page`);
    await page.evaluate(() => {
      for (const domain of ["regent.example", ".regent.example"]) {
        for (const path of ["/", "/_regent/", "/_regent/signin"]) {
          document.cookie = `__Host-regent=tossed; Domain=${domain}; Path=${path}; Secure`;
          document.cookie = `__Host-regent=tossed; Domain=${domain}; Path=${path}`;
        }
      }
    });
    expect((await page.context().cookies()).filter((c) => c.value === "tossed").filter(setCookies(server))).toEqual([]);
    const read = await page.evaluate(async (site) => {
      const response = await fetch(`${site}/_regent/signin/sessions`, { credentials: "include" }).catch(
        () => undefined,
      );
      return response?.status ?? "nothing";
    }, server.site);
    expect(read).toBe("nothing");
    watch.allow(/CORS policy/, /ERR_FAILED/);

    // And a passkey for the parent's name is not the sibling's to ask for.
    const asked = await page.evaluate(() =>
      navigator.credentials
        .get({
          publicKey: {
            challenge: new Uint8Array(32),
            rpId: "regent.example",
            timeout: 500,
            userVerification: "discouraged",
          },
        })
        .then(
          () => "given",
          (e: Error) => e.name,
        ),
    );
    expect(asked).not.toBe("given");
    await page.goto(server.site + consolePath);
    expect((await call<{ sessions: unknown[] }>(page, "sessions")).answer.sessions).toHaveLength(1);
  });

  test("the console has a host of its own, which serves nothing else", async ({ page, startSecureWorld, watch }) => {
    const world = await startSecureWorld("--console-host", "console.regent.example");
    const { port } = new URL(world.server.site);
    const apart = `https://console.regent.example:${port}`;
    watch.trust(apart);
    await world.dev.bucket({ "page.html": "<script>document.title = 'ran'</script>" }, "apart");
    await signedIn(page, await world.dev.user());
    expect(new URL(page.url()).origin).toBe(apart);
    for (const path of ["/apart/page.html", "/apart", "/?Action=GetCallerIdentity&Version=2011-06-15"]) {
      const response = await page.goto(apart + path);
      expect(response?.status(), path).toBe(421);
      expect(response?.headers()["content-security-policy"]).toContain("sandbox");
    }
  });

  test.describe("without script", () => {
    test.use({ javaScriptEnabled: false });

    // Rules: CO-2 CO-3
    test("a user signs in with password, code and a forced change of the password", async ({
      page,
      startSecureWorld,
    }) => {
      const world = await startSecureWorld();
      const alice = await world.dev.user({ mfa: true, resetRequired: true });
      await submitSignIn(page, alice);
      await expect(page.getByRole("heading", { name: "Change your password" })).toBeVisible();
      await page.getByLabel("New password").fill("Quite.another-1");
      await page.getByLabel("The same again").fill("Quite.another-1");
      await page.getByRole("button", { name: "Change password and sign in" }).click();
      await page.waitForURL((url) => url.pathname.startsWith(consolePath));
      expect(await cookies(page.context(), world.server)).toHaveLength(1);
      expect(page.url()).toMatch(/\/_regent\/console\/~[a-z2-7]{8}\//);
    });
  });
});

test("on loopback without script the page says what is missing", async ({ browser, world }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await submitSignIn(page, await world.dev.user());
  await expect(page.locator("noscript p")).toBeVisible();
  expect(await page.locator("noscript p").innerText()).toBe("The console needs JavaScript.");
  await context.close();
});
