import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { alice } from "@/test/render";
import { clock } from "./ending";
import { canStay, endOf, useEnd } from "./use-end";

const start = Date.parse("2026-11-29T10:00:00Z");
const at = (minutes: number) => new Date(start + minutes * 60_000).toISOString();

beforeEach(() => {
  vi.useFakeTimers({ now: start });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a session ends at the earlier of its end and that of idleness", () => {
  expect(endOf({ ...alice, expiresAt: at(720), idleExpiresAt: at(60) })).toBe(start + 3_600_000);
  expect(endOf({ ...alice, expiresAt: at(30), idleExpiresAt: at(60) })).toBe(start + 1_800_000);
});

test("what ends by idleness can be put off, what ends for good cannot", () => {
  expect(canStay({ ...alice, expiresAt: at(720), idleExpiresAt: at(60) })).toBe(true);
  expect(canStay({ ...alice, expiresAt: at(30), idleExpiresAt: at(60) })).toBe(false);
});

test("the server is asked before a session is said to have ended", async () => {
  const reload = vi.fn(async () => undefined);
  const session = { ...alice, expiresAt: at(720), idleExpiresAt: at(60) };
  const { result } = renderHook(() => useEnd(session, reload));
  await act(() => vi.advanceTimersByTimeAsync(59 * 60_000));
  expect(reload).not.toHaveBeenCalled();
  expect(result.current).toBe(false);
  await act(() => vi.advanceTimersByTimeAsync(2 * 60_000));
  expect(reload).toHaveBeenCalled();
  expect(result.current).toBe(true);
});

test("a session that another tab kept alive goes on", async () => {
  const reload = vi.fn(async () => undefined);
  const { result, rerender } = renderHook(
    ({ idle }) => useEnd({ ...alice, expiresAt: at(720), idleExpiresAt: idle }, reload),
    {
      initialProps: { idle: at(60) },
    },
  );
  await act(() => vi.advanceTimersByTimeAsync(30 * 60_000));
  rerender({ idle: at(90) });
  await act(() => vi.advanceTimersByTimeAsync(31 * 60_000));
  expect(result.current).toBe(false);
});

test("what is left is shown in minutes and seconds", () => {
  expect([299_900, 61_000, 9_000, 0, -5].map(clock)).toEqual(["4:59", "1:01", "0:09", "0:00", "0:00"]);
});
