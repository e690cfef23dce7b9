import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ReactNode } from "react";
import * as sessions from "@/aws/sessions";
import { alice } from "@/test/render";
import { useActivity } from "./activity";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "Date"] });
  vi.advanceTimersByTime(120_000);
});
afterEach(() => {
  vi.useRealTimers();
});

function watch(ended = false) {
  const report = vi.spyOn(sessions, "reportActivity").mockResolvedValue({ idleExpiresAt: "", expiresAt: "" });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>
  );
  return { report, ...renderHook(() => useActivity(alice, ended), { wrapper }) };
}

const press = () => dispatchEvent(new KeyboardEvent("keydown", { key: "a" }));

test("input is told to the server, at most once a minute", () => {
  const { report } = watch();
  expect(report).not.toHaveBeenCalled();
  press();
  press();
  vi.advanceTimersByTime(30_000);
  press();
  expect(report).toHaveBeenCalledTimes(1);
  expect(report).toHaveBeenCalledWith(alice.id);
  vi.advanceTimersByTime(31_000);
  press();
  expect(report).toHaveBeenCalledTimes(2);
});

test("without input nothing is told, however long it takes", () => {
  const { report } = watch();
  vi.advanceTimersByTime(3_600_000);
  expect(report).not.toHaveBeenCalled();
});

test("a session that has ended is not kept alive", () => {
  const { report } = watch(true);
  press();
  expect(report).not.toHaveBeenCalled();
});
