import { describe, expect, test } from "vitest";
import { textsOf } from "@/messages";
import trust from "@/messages/en/trust";
import { documentText, isLoose, readTrust, trustNeeds } from "./trust";
import { trustWords } from "./trust-words";

const texts = textsOf(trust, { locale: "en", translations: {} });

function words(...statements: object[]): string[] {
  const read = readTrust(JSON.stringify({ Version: "2012-10-17", Statement: statements })) ?? [];
  return read.map((s) => trustWords(texts, "en", "111122223333", s));
}

const allow = (Principal: unknown, Condition?: object, Action: unknown = "sts:AssumeRole") => ({
  Effect: "Allow",
  Principal,
  Action,
  Condition,
});

describe("a trust policy is said in words", () => {
  test.each([
    [allow({ AWS: "arn:aws:iam::444455556666:root" }), "account 4444-5555-6666"],
    [allow({ AWS: "444455556666" }), "account 4444-5555-6666"],
    [allow({ AWS: "arn:aws:iam::111122223333:root" }), "this account"],
    [
      allow({ AWS: "arn:aws:iam::444455556666:root" }, { Bool: { "aws:MultiFactorAuthPresent": "true" } }),
      "account 4444-5555-6666, with MFA",
    ],
    [
      allow({ AWS: "arn:aws:iam::444455556666:root" }, { Bool: { "aws:MultiFactorAuthPresent": true } }),
      "account 4444-5555-6666, with MFA",
    ],
    // …IfExists lets plain access keys through, so it is not "with MFA".
    [
      allow({ AWS: "arn:aws:iam::444455556666:root" }, { BoolIfExists: { "aws:MultiFactorAuthPresent": "true" } }),
      "account 4444-5555-6666, if BoolIfExists aws:MultiFactorAuthPresent true",
    ],
    [
      allow({ AWS: ["arn:aws:iam::444455556666:user/eng/alice", "arn:aws:iam::111122223333:role/deploy"] }),
      "user alice of 4444-5555-6666 and role deploy",
    ],
    [allow({ AWS: "AIDAIOSFODNN7EXAMPLE1" }), "a deleted user or role (AIDAIOSFODNN7EXAMPLE1)"],
    [allow({ Service: "ec2.amazonaws.com" }), "service ec2"],
    [
      allow({ AWS: "*" }, { StringEquals: { "aws:PrincipalOrgID": "o-1234567890" } }),
      "anybody, in organization o-1234567890",
    ],
    [allow("*"), "anybody"],
    [
      allow(
        { AWS: "444455556666" },
        { StringEquals: { "sts:ExternalId": "e-1" }, IpAddress: { "aws:SourceIp": "10.0.0.0/8" } },
      ),
      "account 4444-5555-6666, with an external ID, from 10.0.0.0/8",
    ],
    [
      allow(
        { Federated: "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" },
        undefined,
        "sts:AssumeRoleWithWebIdentity",
      ),
      "token.actions.githubusercontent.com (web identity)",
    ],
    [allow({ Federated: "arn:aws:iam::111122223333:saml-provider/Corp" }), "Corp (SAML)"],
    [{ ...allow({ AWS: "444455556666" }), Effect: "Deny" }, "Denied: account 4444-5555-6666"],
    [
      { Effect: "Allow", NotPrincipal: { AWS: "444455556666" }, Action: "sts:AssumeRole" },
      "anybody but account 4444-5555-6666",
    ],
  ])("%j", (statement, said) => expect(words(statement)).toEqual([said]));
});

test("what is no policy is not read as an empty one", () => {
  expect(readTrust("{")).toBeUndefined();
  expect(readTrust("[]")).toBeUndefined();
  expect(readTrust('{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*"}}')).toHaveLength(1);
});

test("documents come percent-encoded, and one that is not stays as it is", () => {
  expect(documentText("%7B%22a%22%3A%22100%25%22%7D")).toBe('{"a":"100%"}');
  expect(documentText('{"a":"100%"}')).toBe('{"a":"100%"}');
  expect(documentText(undefined)).toBe("");
});

// What the page says about switching depends on every way in.
// Rules: SE-5 SE-6
test("a role asks for an external id or MFA when each statement does", () => {
  const needs = (...statements: object[]) => trustNeeds(readTrust(JSON.stringify({ Statement: statements })));
  const id = { StringEquals: { "sts:ExternalId": "e-1" } };
  const mfa = { Bool: { "aws:MultiFactorAuthPresent": "true" } };
  const b = { AWS: "arn:aws:iam::444455556666:root" };
  expect(needs(allow(b, id))).toMatchObject({
    people: true,
    externalId: "e-1",
    mfa: false,
    accounts: ["444455556666"],
  });
  expect(needs(allow(b, { ...id, ...mfa }))).toMatchObject({ externalId: "e-1", mfa: true });
  expect(needs(allow(b, id), allow(b))).toMatchObject({ externalId: undefined, mfa: false });
  expect(needs(allow(b, mfa), allow(b, mfa))).toMatchObject({ mfa: true });
  expect(needs(allow({ Service: "ec2.amazonaws.com" }))).toMatchObject({
    people: false,
    externalId: undefined,
    mfa: false,
  });
  expect(needs(allow(b, undefined, "sts:TagSession"))).toMatchObject({ people: false, accounts: [] });
});

describe("whoever comes is let in by", () => {
  const own = "111122223333";
  const document = (Principal: unknown, Condition?: unknown, rest: object = {}) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole", Condition, ...rest }],
    });
  const other = { AWS: "arn:aws:iam::444455556666:root" };

  test.each([
    ["everybody", document("*"), true],
    ["everybody, as AWS", document({ AWS: "*" }), true],
    ["another account", document(other), true],
    ["another account by its id", document({ AWS: "444455556666" }), true],
    ["everybody but some", document(undefined, undefined, { NotPrincipal: other }), true],
    ["this account", document({ AWS: `arn:aws:iam::${own}:root` }), false],
    ["another account, with MFA", document(other, { Bool: { "aws:MultiFactorAuthPresent": "true" } }), false],
    ["a role of another account", document({ AWS: "arn:aws:iam::444455556666:role/ci" }), false],
    ["a service", document({ Service: "ec2.amazonaws.com" }), false],
    ["what is denied", document("*", undefined, { Effect: "Deny" }), false],
    ["what is only tagged", document("*", undefined, { Action: "sts:TagSession" }), false],
    ["no policy", "{", false],
  ])("%s", (_, text, loose) => expect(isLoose(text, own)).toBe(loose));
});
