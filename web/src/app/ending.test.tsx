import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Session } from "@/aws/sessions";
import { alice, renderElement } from "@/test/render";
import { Ending } from "./ending";

afterEach(cleanup);

const federated: Session = {
  ...alice,
  kind: "federated",
  userName: "",
  roleName: "s3-admin",
  displayName: "s3-admin/alice @ prod",
  issuer: "https://idp.example/start?x=1",
};

// Rules: CO-22
test("a federated user signs in again where they came from, and is told where that is", () => {
  const open = vi.spyOn(window, "open").mockReturnValue(null);
  render(<Ending session={federated} signedIn={federated} ended why={[]} others={[]} />);
  expect(screen.getByText(/s3-admin\/alice @ prod/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Sign in again at idp.example" }));
  expect(open).toHaveBeenCalledWith("https://idp.example/start?x=1", "_blank", "noopener");
});

test("who came from nowhere in particular signs in here", () => {
  const open = vi.spyOn(window, "open").mockReturnValue(null);
  render(<Ending session={alice} signedIn={alice} ended why={[]} others={[]} />);
  fireEvent.click(screen.getByRole("button", { name: "Sign in again" }));
  expect(open.mock.calls[0]?.[0]).toContain("/_regent/signin?");
});

// Rules: CO-15
test("a role whose own time is over can be switched to again, by who is still there", () => {
  const assign = vi.spyOn(location, "assign").mockImplementation(() => {});
  const role: Session = {
    ...alice,
    id: "rrrrrrrr",
    kind: "role",
    origin: alice.id,
    accountId: "444455556666",
    roleName: "s3-admin",
    displayName: "dev",
    color: "f2b0a9",
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
    idleExpiresAt: new Date(Date.now() + 60_000).toISOString(),
  };
  const soon = renderElement(<Ending session={role} signedIn={alice} ended={false} why={[]} others={[alice]} />);
  expect(screen.getByText(/This role ends in 0:5\d/)).toBeTruthy();
  expect(screen.queryByRole("button")).toBeNull(); // signing in again would not help
  const over = { ...role, expiresAt: new Date(Date.now() - 1000).toISOString() };
  soon.unmount();
  render(<Ending session={over} signedIn={alice} ended why={[]} others={[alice]} />);
  expect(screen.getByText("The role's time is over")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Switch again" }));
  expect(assign.mock.calls[0]?.[0]).toBe(
    "/_regent/console/~k3f9abcd/switchrole?account=444455556666&roleName=s3-admin&displayName=dev&color=f2b0a9",
  );
});
