import { expect, test } from "vitest";
import { accountMeant } from "./known-accounts";

const known = [
  { id: "111122223333", alias: "prod", name: "Production" },
  { id: "444455556666", alias: "dev", name: "prod" },
  { id: "777788889999", alias: "", name: "Sandbox" },
  { id: "000011112222", alias: "", name: "sandbox" },
];

test("an account is meant by its id, its alias, or a name that only it has", () => {
  expect(accountMeant("111122223333", [])).toBe("111122223333");
  expect(accountMeant(" 1111-2222-3333 ", [])).toBe("111122223333");
  expect(accountMeant("prod", known)).toBe("111122223333"); // an alias before a name
  expect(accountMeant("production", known)).toBe("111122223333");
  expect(accountMeant("sandbox", known)).toBeUndefined();
  expect(accountMeant("elsewhere", known)).toBeUndefined();
  expect(accountMeant("", known)).toBeUndefined();
  expect(accountMeant("*", known)).toBeUndefined();
});
