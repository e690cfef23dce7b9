/** What every other spec relies on: a fixture that never fails is no fixture. */
import { expect, signIn, test, totp, Watch } from "./harness";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

test("one-time codes are those of RFC 6238", () => {
  const seed = Buffer.from("12345678901234567890");
  expect(totp(seed, 59_000)).toBe("287082");
  expect(totp(seed, 1_111_111_109_000)).toBe("081804");
  expect(totp(seed, 20_000_000_000_000)).toBe("353130");
});

test("a user signs in by account alias, with a code where there is a device", async ({ page, world }) => {
  const alice = await world.dev.user({ mfa: true });
  const session = await signIn(page, alice);
  expect(session).toMatchObject({ kind: "user", accountId: world.dev.id, userName: alice.user, mfa: true });
});

test("what no page may do is seen", async ({ browser, watch }) => {
  const other = createServer((_, answer) => answer.end("{}")).listen(0, "127.0.0.1");
  const port = (s: typeof other) => (s.address() as AddressInfo).port;
  const site = createServer((_, answer) => {
    answer.setHeader("Content-Type", "text/html");
    answer.setHeader("Content-Security-Policy", "img-src 'none'");
    answer.end(`<img src="/x.png"><script>fetch("http://127.0.0.1:${port(other)}/", {mode: "no-cors"});
      console.error("an error"); throw new Error("thrown")</script>`);
  }).listen(0, "127.0.0.1");
  try {
    const own = new Watch();
    const context = await browser.newContext();
    await own.follow(context);
    own.trust(`http://127.0.0.1:${port(site)}`);
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${port(site)}/`);
    const seen = () => own.findings().join("\n");
    await expect.poll(seen).toContain("csp: img-src blocked");
    await expect.poll(seen).toContain("console: an error");
    await expect.poll(seen).toContain("thrown: Error: thrown");
    await expect.poll(seen).toContain(`third party: http://127.0.0.1:${port(other)}/`);
    own.allow(/./);
    expect(own.findings()).toEqual([]);
    await context.close();
  } finally {
    site.close();
    other.close();
  }
  expect(watch.findings()).toEqual([]);
});
