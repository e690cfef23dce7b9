import { act } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { renderElement } from "@/test/render";
import { useShortcuts } from "./keyboard";

function Bar() {
  useShortcuts();
  return null;
}

test("a letter leads somewhere after g, and only then: not in the first moments of a page either", async () => {
  const user = userEvent.setup();
  const clock = vi.spyOn(performance, "now").mockReturnValue(10);
  try {
    const { router } = renderElement(<Bar />);
    const place = () => router.state.location.pathname.replace(/^\/~[^/]+/, "");
    await act(() => user.keyboard("u"));
    expect(place()).toBe("/");
    await act(() => user.keyboard("gg"));
    expect(place()).toBe("/iam/groups");
    await act(() => user.keyboard("r"));
    expect(place()).toBe("/iam/groups");
    await act(() => user.keyboard("gr"));
    expect(place()).toBe("/iam/roles");
    await act(() => user.keyboard("g"));
    clock.mockReturnValue(2000);
    await act(() => user.keyboard("u"));
    expect(place()).toBe("/iam/roles");
  } finally {
    clock.mockRestore();
  }
});
