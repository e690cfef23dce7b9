import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Session } from "@/aws/sessions";
import { alice } from "@/test/render";
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
