import { expect, test } from "vitest";
import { drawPassword, rulesFor } from "./password";

const open = (policy: Parameters<typeof rulesFor>[0], password: string) =>
  rulesFor(policy, password).flatMap((rule) => (rule.met === false ? [rule.kind] : []));

// Rule IA-53.
test("without a policy a password has eight characters of three classes", () => {
  expect(open(null, "")).toEqual(["length", "classes"]);
  expect(open(null, "abcdefgh")).toEqual(["classes"]);
  expect(open(null, "Abcdefg1")).toEqual([]);
});

test("a policy asks for what it says and no more", () => {
  expect(open({ MinimumPasswordLength: 6 } as never, "aaaaaa")).toEqual([]);
  const strict = {
    MinimumPasswordLength: 10,
    RequireUppercaseCharacters: true,
    RequireLowercaseCharacters: true,
    RequireNumbers: true,
    RequireSymbols: true,
    PasswordReusePrevention: 3,
  } as never;
  expect(open(strict, "")).toEqual(["length", "upper", "lower", "number", "symbol"]);
  expect(open(strict, "Abcdefgh1!")).toEqual([]);
  expect(rulesFor(strict, "x").at(-1)).toEqual({ kind: "reuse", count: 3, met: undefined });
});

test("a drawn password meets every policy, and no two are the same", () => {
  const strict = {
    MinimumPasswordLength: 32,
    RequireUppercaseCharacters: true,
    RequireLowercaseCharacters: true,
    RequireNumbers: true,
    RequireSymbols: true,
  } as never;
  const drawn = Array.from({ length: 50 }, () => drawPassword(strict));
  for (const password of drawn) {
    expect(open(strict, password), password).toEqual([]);
    expect(password).toMatch(/^[a-z]/i);
  }
  expect(new Set(drawn).size).toBe(50);
  expect(drawPassword(undefined)).toHaveLength(20);
});
