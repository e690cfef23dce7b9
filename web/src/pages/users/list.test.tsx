import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { denied, renderRoutes } from "@/test/render";
import { routes } from "./routes";

const users = [
  { UserName: "zoe", Path: "/", Arn: "arn:aws:iam::111122223333:user/zoe", CreateDate: new Date(0) },
  { UserName: "bob", Path: "/ops/", Arn: "arn:aws:iam::111122223333:user/ops/bob", CreateDate: new Date(1) },
];

test("users are listed by name, whatever the order of the server", async () => {
  renderRoutes(routes, { at: "/iam/users", answers: { ListUsers: () => ({ Users: users }) } });
  await screen.findByText("bob");
  const names = screen.getAllByRole("link").map((link) => link.textContent);
  expect(names.indexOf("bob")).toBeLessThan(names.indexOf("zoe"));
  expect(screen.getByRole("link", { name: "bob" }).getAttribute("href")).toBe(
    "/_regent/console/~k3f9abcd/iam/users/bob",
  );
});

test("whoever may not list users is told which action is missing", async () => {
  const answers = {
    ListUsers: () => {
      throw denied("iam:ListUsers", "arn:aws:iam::111122223333:user/");
    },
  };
  renderRoutes(routes, { at: "/iam/users", answers });
  await screen.findByText("You may not iam:ListUsers on arn:aws:iam::111122223333:user/");
  expect(screen.getByRole("link", { name: "Why?" }).getAttribute("href")).toMatch(/\/events\/11111111-.*\/why$/);
  expect(screen.getByRole("button", { name: "Copy as policy statement" })).toBeTruthy();
  expect(screen.getByText("Create user")).toBeTruthy(); // buttons are not hidden
});

test("an account without users says what a user is", async () => {
  renderRoutes(routes, { at: "/iam/users", answers: { ListUsers: () => ({ Users: [] }) } });
  await screen.findByText("No users");
  expect(screen.getByText("aws iam create-user --user-name alice")).toBeTruthy();
});

test("all pages of a list are read", async () => {
  const answers = {
    ListUsers: ({ Marker }: { Marker?: string }) =>
      Marker === undefined ? { Users: [users[0]], Marker: "m1" } : { Users: [users[1]] },
  };
  renderRoutes(routes, { at: "/iam/users", answers });
  await screen.findByText("bob");
  expect(screen.getByText("zoe")).toBeTruthy();
});

test("the filter is in the address, and an address with one shows what it says", async () => {
  const user = userEvent.setup();
  const { router } = renderRoutes(routes, {
    at: "/iam/users?f=path%3Aops",
    answers: { ListUsers: () => ({ Users: users }) },
  });
  await screen.findByText("bob");
  expect(screen.queryByText("zoe")).toBeNull();
  expect(screen.getAllByText("1 match").length).toBeGreaterThan(0);
  await user.click(screen.getByRole("radio", { name: "Select bob" }));
  expect(router.state.location.search).toContain("sel=bob");
});
