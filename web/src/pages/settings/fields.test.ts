import { expect, test } from "vitest";
import { formOf, inputOf, isAlias, isPolicy } from "./fields";

// Rules: IA-62
test("an alias has the form that the server takes", () => {
  for (const alias of ["dev", "my-company-1", "a".repeat(63), "1234567890123"])
    expect(isAlias(alias), alias).toBe(true);
  for (const alias of ["", "ab", "Dev", "-dev", "dev-", "a--b", "111122223333", "a".repeat(64)])
    expect(isAlias(alias), alias).toBe(false);
});

// Rules: IA-53
test("a policy goes through the form and back unchanged, whole", () => {
  const policy = {
    MinimumPasswordLength: 10,
    RequireUppercaseCharacters: true,
    RequireLowercaseCharacters: false,
    RequireNumbers: true,
    RequireSymbols: false,
    AllowUsersToChangePassword: true,
    MaxPasswordAge: 90,
    PasswordReusePrevention: 5,
    HardExpiry: true,
    ExpirePasswords: true,
  };
  const { ExpirePasswords: _, ...set } = policy;
  expect(inputOf(formOf(policy))).toEqual(set);
  expect(inputOf({ ...formOf(policy), maxAge: "" })).toMatchObject({ MaxPasswordAge: undefined, HardExpiry: false });
});

test("numbers out of range are refused", () => {
  const form = formOf(null);
  expect(isPolicy(form)).toBe(true);
  for (const wrong of [
    { minimum: "5" },
    { minimum: "" },
    { minimum: "129" },
    { maxAge: "0" },
    { maxAge: "x" },
    { reuse: "25" },
  ])
    expect(isPolicy({ ...form, ...wrong }), JSON.stringify(wrong)).toBe(false);
});
