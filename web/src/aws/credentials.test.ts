import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { learnClock, now } from "./clock";
import { credentialsOf, renewBefore } from "./credentials";
import type { Credentials } from "./sessions";

const start = Date.parse("2026-11-29T10:00:00Z");
const minute = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now: start });
});

afterEach(() => {
  learnClock(new Date(Date.now()).toUTCString());
  vi.useRealTimers();
});

/** A server that gives credentials of half an hour, each with its own key. */
function server() {
  let asked = 0;
  return vi.fn(async (): Promise<Credentials> => {
    asked++;
    const expiration = new Date(now() + 30 * minute).toISOString();
    return { accessKeyId: `ASIA${asked}`, secretAccessKey: "s", sessionToken: "t", expiration };
  });
}

test("one answer serves requests until five minutes are left", async () => {
  const ask = server();
  const credentials = credentialsOf("k3f9abcd", ask);
  expect((await credentials()).accessKeyId).toBe("ASIA1");
  vi.setSystemTime(start + 25 * minute - 1000);
  expect((await credentials()).accessKeyId).toBe("ASIA1");
  vi.setSystemTime(start + 30 * minute - renewBefore);
  expect((await credentials()).accessKeyId).toBe("ASIA2");
  expect(ask).toHaveBeenCalledTimes(2);
  expect(ask).toHaveBeenCalledWith("k3f9abcd");
});

test("credentials that end with the sign-in are not asked for at every request", async () => {
  const ask = server();
  const expiration = new Date(start + 4 * minute).toISOString();
  ask.mockImplementation(async () => ({ accessKeyId: "ASIA", secretAccessKey: "s", sessionToken: "t", expiration }));
  const credentials = credentialsOf("k3f9abcd", ask);
  for (let second = 0; second < 240; second++) {
    vi.setSystemTime(start + second * 1000);
    await credentials();
  }
  expect(ask.mock.calls.length).toBeLessThan(10);
});

test("requests that need credentials together ask once", async () => {
  const ask = server();
  const credentials = credentialsOf("k3f9abcd", ask);
  const keys = await Promise.all([credentials(), credentials(), credentials()]);
  expect(new Set(keys.map((k) => k.accessKeyId)).size).toBe(1);
  expect(ask).toHaveBeenCalledTimes(1);
});

test("a failure is not kept: the next request asks again", async () => {
  const ask = server();
  ask.mockRejectedValueOnce(new TypeError("Failed to fetch"));
  const credentials = credentialsOf("k3f9abcd", ask);
  await expect(credentials()).rejects.toThrow("Failed to fetch");
  expect((await credentials()).accessKeyId).toBe("ASIA1");
});

test("what was asked for before they were forgotten is not kept after it", async () => {
  const ask = server();
  const credentials = credentialsOf("k3f9abcd", ask);
  const before = credentials();
  credentials.forget();
  await before;
  expect((await credentials()).accessKeyId).toBe("ASIA2");
});

test("a page that comes back after sleep renews at once, and one that is hidden never", async () => {
  const ask = server();
  const credentials = credentialsOf("k3f9abcd", ask);
  const visibility = vi.spyOn(document, "visibilityState", "get");
  await credentials();
  vi.setSystemTime(start + 8 * 60 * minute);
  visibility.mockReturnValue("hidden");
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.runAllTimersAsync();
  expect(ask).toHaveBeenCalledTimes(1);
  visibility.mockReturnValue("visible");
  document.dispatchEvent(new Event("visibilitychange"));
  expect(ask).toHaveBeenCalledTimes(2);
  credentials.close();
  vi.setSystemTime(start + 16 * 60 * minute);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(ask).toHaveBeenCalledTimes(2);
});

test("a browser whose clock is two hours fast neither renews for every request nor signs with what has expired", async () => {
  learnClock(new Date(start - 120 * minute).toUTCString());
  const ask = server();
  const credentials = credentialsOf("k3f9abcd", ask);
  const identity = await credentials();
  await credentials();
  expect(ask).toHaveBeenCalledTimes(1);
  // The SDK compares it with the browser's clock.
  expect(identity.expiration.getTime() - Date.now()).toBeGreaterThan(29 * minute);
});

test("credentials are in no storage", async () => {
  const credentials = credentialsOf("k3f9abcd", server());
  await credentials();
  expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain("ASIA");
  expect(JSON.stringify(Object.keys(credentials))).not.toContain("ASIA");
});
