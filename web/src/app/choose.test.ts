import { expect, test } from "vitest";
import type { Session } from "@/aws/sessions";
import { alice } from "@/test/render";
import { linkOf } from "./account-menu";
import { pick, placeOf } from "./choose";

const bob: Session = {
  ...alice,
  id: "bbbbbbbb",
  arn: "arn:aws:iam::444455556666:user/bob",
  accountId: "444455556666",
  accountAlias: "prod",
};
const carol: Session = { ...alice, id: "cccccccc", arn: "arn:aws:iam::111122223333:user/carol" };

test.each([
  ["/", "", { rest: "/", address: "/", account: "", session: "" }],
  ["/iam/roles", "?page=2", { rest: "/iam/roles?page=2", address: "/iam/roles?page=2", account: "", session: "" }],
  [
    "/iam/roles",
    "?account=111122223333&page=2",
    {
      rest: "/iam/roles?page=2",
      address: "/iam/roles?page=2&account=111122223333",
      account: "111122223333",
      session: "",
    },
  ],
  ["/~k3f9abcd/iam", "", { rest: "/iam", address: "/iam", account: "", session: "k3f9abcd" }],
  ["/~k3f9abcd", "", { rest: "/", address: "/", account: "", session: "k3f9abcd" }],
  // There the account is the role's.
  [
    "/switchrole",
    "?account=prod&roleName=r",
    { rest: "/switchrole?account=prod&roleName=r", account: "", session: "" },
  ],
])("%s%s says where to go", (pathname, search, expected) => {
  expect(placeOf(pathname, search)).toMatchObject(expected);
});

const at = (path: string, search = "") => placeOf(path, search);

test("an address without a session leads to the only one there is", () => {
  expect(pick([alice], at("/iam"), undefined)).toBe(alice);
});

test("of several it leads to the one that this tab showed last, and else the user chooses", () => {
  expect(pick([alice, bob], at("/iam"), { id: bob.id, arn: bob.arn })).toBe(bob);
  expect(pick([alice, bob], at("/iam"), undefined)).toBeUndefined();
});

test("an address with an account leads to a session of that account and to no other", () => {
  expect(pick([alice, bob], at("/iam", "?account=444455556666"), { id: alice.id, arn: alice.arn })).toBe(bob);
  expect(pick([alice, bob], at("/iam", "?account=prod"), undefined)).toBe(bob);
  expect(pick([alice], at("/iam", "?account=444455556666"), { id: alice.id, arn: alice.arn })).toBeUndefined();
  expect(pick([alice, carol], at("/iam", "?account=111122223333"), undefined)).toBeUndefined();
});

test("an address of a session that has ended leads to nobody else's in silence", () => {
  expect(pick([bob], at("/~k3f9abcd/iam"), undefined)).toBeUndefined();
  expect(pick([bob], at("/~k3f9abcd/iam"), { id: "k3f9abcd", arn: alice.arn })).toBeUndefined();
  const anew = { ...alice, id: "dddddddd" };
  expect(pick([bob, anew], at("/~k3f9abcd/iam"), { id: "k3f9abcd", arn: alice.arn })).toBe(anew);
});

test("a link that is handed on says the account and not whose session", () => {
  expect(linkOf("/~k3f9abcd/iam/users", "?page=2", "111122223333")).toBe("/iam/users?page=2&account=111122223333");
  expect(linkOf("/~k3f9abcd", "", "111122223333")).toBe("/?account=111122223333");
});
