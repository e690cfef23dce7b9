import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import * as sessions from "@/aws/sessions";
import { alice, renderRoutes } from "@/test/render";
import { fieldErrors } from "./fields";
import { routes } from "./routes";

const link = "/switchrole?account=444455556666&roleName=teams/s3-admin&displayName=dev&color=f2b0a9";
const opened = {
  ...alice,
  id: "rrrrrrrr",
  kind: "role" as const,
  origin: alice.id,
  accountId: "444455556666",
  roleName: "teams/s3-admin",
};

const assign = vi.fn<(url: string | URL) => void>();
beforeEach(() => {
  assign.mockReset();
  vi.spyOn(location, "assign").mockImplementation(assign);
});

const button = () => screen.findByRole("button", { name: "Switch role" });

// Rules: CO-10 TH-87
test("a link fills in the form and switches nobody; the account's id stands beside the display name", async () => {
  const call = vi.spyOn(sessions, "switchRole");
  renderRoutes(routes, { at: link });
  await button();
  const value = (name: string) => (screen.getByLabelText(name) as HTMLInputElement).value;
  expect([value("Account"), value("Role name"), value("Display name")]).toEqual([
    "444455556666",
    "teams/s3-admin",
    "dev",
  ]);
  expect((screen.getByRole("radio", { name: "Red" }) as HTMLInputElement).checked).toBe(true);
  expect(document.querySelector(".bar-preview")?.textContent).toBe("dev4444-5555-6666");
  expect(call).not.toHaveBeenCalled();
});

// Rules: CO-10 CO-12
test("the caller is who signed in, in whatever session the form is; the display name is role @ account unless said", async () => {
  const user = userEvent.setup();
  const call = vi.spyOn(sessions, "switchRole").mockResolvedValue({ session: opened });
  renderRoutes(routes, {
    at: "/switchrole?account=4444-5555-6666&roleName=teams/s3-admin",
    session: { session: opened, signedIn: alice },
  });
  await user.click(await button());
  await waitFor(() => expect(assign).toHaveBeenCalledWith("/_regent/console/~rrrrrrrr/"));
  expect(call).toHaveBeenCalledWith({
    session: alice.id,
    account: "444455556666",
    roleName: "teams/s3-admin",
    displayName: "s3-admin @ 4444-5555-6666",
    color: "",
  });
});

// Rules: CO-16
test("a refusal has AWS's sentence, and what the user's own side says", async () => {
  const user = userEvent.setup();
  const sentence = "Invalid information in one or more fields. Check your information or contact your administrator.";
  const why = ["No policy of yours allows sts:AssumeRole on this role."];
  vi.spyOn(sessions, "switchRole").mockRejectedValue(
    new sessions.SessionsError(403, "SwitchRoleRefused", sentence, why),
  );
  renderRoutes(routes, { at: link });
  await user.click(await button());
  expect(await screen.findByText(sentence)).toBeTruthy();
  expect(screen.getByText(why[0] as string)).toBeTruthy();
  expect(assign).not.toHaveBeenCalled();
});

test("with five sessions open one is closed first", async () => {
  const user = userEvent.setup();
  vi.spyOn(sessions, "switchRole").mockRejectedValue(new sessions.SessionsError(409, "TooManySessions", ""));
  const signOut = vi.spyOn(sessions, "signOut").mockResolvedValue({ sessions: [] });
  renderRoutes(routes, { at: link });
  await user.click(await button());
  await user.click(await screen.findByRole("button", { name: /Sign out of alice/ }));
  expect(signOut).toHaveBeenCalledWith(alice.id);
});

// Rules: CO-13
test("root is told that it cannot switch", async () => {
  const root = { ...alice, kind: "root" as const };
  renderRoutes(routes, { at: link, session: { session: root, signedIn: root } });
  expect(await screen.findByText("The root user cannot switch roles")).toBeTruthy();
  expect(screen.queryByLabelText("Role name")).toBeNull();
});

test("a role that is open already is offered", async () => {
  renderRoutes(routes, { at: link, session: { all: [alice, opened] } });
  const go = await screen.findByRole("link", { name: "Go to it" });
  expect(go.getAttribute("href")).toBe("/_regent/console/~rrrrrrrr/");
});

test("fields that cannot be right are not sent", async () => {
  const user = userEvent.setup();
  const call = vi.spyOn(sessions, "switchRole");
  renderRoutes(routes, { at: "/switchrole?account=12&roleName=" });
  await user.click(await button());
  expect(within(document.body).getByText(/An account ID has 12 digits/)).toBeTruthy();
  expect(call).not.toHaveBeenCalled();
});

// Rules: CO-11
test.each([
  ["111122223333", "admin", true],
  ["1111-2222-3333", "division_abc/admin", true],
  ["my-alias", "A+=,.@-z", true],
  ["-alias", "admin", false],
  ["my--alias", "admin", false],
  ["11112222333", "admin", false],
  ["my-alias", "", false],
  ["my-alias", "a b", false],
  ["my-alias", "division/", false],
  ["my-alias", "r".repeat(65), false],
])("account %s and role %s are right: %s", (account, roleName, right) => {
  expect(Object.keys(fieldErrors({ account, roleName, displayName: "", color: "" })).length === 0).toBe(right);
});
