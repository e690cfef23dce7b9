import { expect, test } from "vitest";
import { isLoose, rolesFilter } from "./loose";

const own = "111122223333";
const trust = (Principal: unknown, Condition?: unknown, rest: object = {}) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole", Condition, ...rest }],
  });
const other = { AWS: "arn:aws:iam::444455556666:root" };

test.each([
  ["everybody", trust("*"), true],
  ["everybody, as AWS", trust({ AWS: "*" }), true],
  ["another account", trust(other), true],
  ["another account by its id", trust({ AWS: "444455556666" }), true],
  ["everybody but some", trust(undefined, undefined, { NotPrincipal: other }), true],
  ["this account", trust({ AWS: `arn:aws:iam::${own}:root` }), false],
  ["another account, with MFA", trust(other, { Bool: { "aws:MultiFactorAuthPresent": "true" } }), false],
  ["a role of another account", trust({ AWS: "arn:aws:iam::444455556666:role/ci" }), false],
  ["a service", trust({ Service: "ec2.amazonaws.com" }), false],
  ["what is denied", trust("*", undefined, { Effect: "Deny" }), false],
  ["what is only tagged", trust("*", undefined, { Action: "sts:TagSession" }), false],
  ["no policy", "{", false],
])("%s", (_, document, loose) => expect(isLoose(document, own)).toBe(loose));

test("the filter names the roles", () => {
  expect(rolesFilter(["a"])).toBe("/iam/roles?f=name%3Da");
  expect(rolesFilter(["a", "b"])).toBe("/iam/roles?f=name%3Da&f=name%3Db&join=or");
});
