import { beforeEach, describe, expect, test } from "vitest";
import { dropDraft, emptyDraft, isEmpty, loadDraft, saveDraft, type Draft } from "./draft";
import { isExternalId, isPrincipalName, newExternalId, trustDocument, trustFaults } from "./trust-document";

const own = "111122223333";
const b = "444455556666";

function statement(part: Partial<Draft>): Record<string, unknown> {
  const document = JSON.parse(trustDocument({ ...emptyDraft, ...part }, own));
  expect(document.Version).toBe("2012-10-17");
  expect(document.Statement).toHaveLength(1);
  return document.Statement[0];
}

const account = (part: Partial<Draft["account"]>) => ({
  kind: "account" as const,
  account: { ...emptyDraft.account, id: b, ...part },
});

describe("the trust policy follows the form", () => {
  // SE-1: the role is here, in the account of the resources; the trust names the users' account.
  test("another account", () => {
    expect(statement(account({}))).toEqual({
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${b}:root` },
      Action: "sts:AssumeRole",
    });
  });

  test("this account", () => {
    expect(statement(account({ whose: "this" })).Principal).toEqual({ AWS: `arn:aws:iam::${own}:root` });
  });

  test("an account that is not known yet makes a document that no server takes", () => {
    expect(statement(account({ id: "" })).Principal).toEqual({ AWS: "arn:aws:iam::ACCOUNT-ID:root" });
  });

  test("an external id and MFA are conditions", () => {
    expect(statement(account({ requireExternalId: true, externalId: "e-1", requireMfa: true })).Condition).toEqual({
      StringEquals: { "sts:ExternalId": "e-1" },
      Bool: { "aws:MultiFactorAuthPresent": "true" },
    });
  });

  test("named users and roles", () => {
    const names = ["alice", "role/ops/deploy", `arn:aws:iam::${b}:user/bob`];
    expect(statement(account({ who: "named", names })).Principal).toEqual({
      AWS: [`arn:aws:iam::${b}:user/alice`, `arn:aws:iam::${b}:role/ops/deploy`, `arn:aws:iam::${b}:user/bob`],
    });
  });

  test("services", () => {
    expect(statement({ kind: "service", services: ["ec2.amazonaws.com"] }).Principal).toEqual({
      Service: "ec2.amazonaws.com",
    });
    expect(statement({ kind: "service", services: ["a.amazonaws.com", "b.amazonaws.com"] }).Principal).toEqual({
      Service: ["a.amazonaws.com", "b.amazonaws.com"],
    });
  });

  test("web identity, its claims as conditions", () => {
    const provider = `arn:aws:iam::${own}:oidc-provider/token.actions.githubusercontent.com`;
    const claims = [{ claim: "sub", operator: "StringLike" as const, value: "repo:o/r:*" }];
    expect(statement({ kind: "web", web: { provider, audience: "sts.amazonaws.com", claims } })).toEqual({
      Effect: "Allow",
      Principal: { Federated: provider },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: {
        StringEquals: { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
        StringLike: { "token.actions.githubusercontent.com:sub": "repo:o/r:*" },
      },
    });
  });

  test("SAML", () => {
    const provider = `arn:aws:iam::${own}:saml-provider/Corp`;
    expect(statement({ kind: "saml", saml: { provider, access: "console", audience: "" } })).toMatchObject({
      Principal: { Federated: provider },
      Condition: { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } },
    });
    expect(
      statement({ kind: "saml", saml: { provider, access: "programmatic", audience: "" } }).Condition,
    ).toBeUndefined();
  });

  test("a custom one is sent as it was written", () => {
    const custom = '{ "Statement":\n[] }';
    expect(trustDocument({ ...emptyDraft, kind: "custom", custom }, own)).toBe(custom);
  });
});

test("what keeps step 1 from being done", () => {
  const faults = (part: Partial<Draft>) => trustFaults({ ...emptyDraft, ...part }, own);
  expect(faults({})).toEqual(["faultAccount"]);
  expect(faults(account({}))).toEqual([]);
  expect(faults(account({ whose: "this", id: "" }))).toEqual([]);
  expect(faults(account({ who: "named" }))).toEqual(["faultNames"]);
  expect(faults(account({ requireExternalId: true }))).toEqual(["faultExternalId"]);
  expect(faults({ kind: "service" })).toEqual(["faultServices"]);
  expect(faults({ kind: "web" })).toEqual(["faultProvider"]);
  expect(faults({ kind: "saml" })).toEqual(["faultProvider"]);
  expect(faults({ kind: "custom", custom: "{" })).toEqual(["faultCustom"]);
  expect(faults({ kind: "custom", custom: "{}" })).toEqual([]);
});

test("names of principals", () => {
  for (const name of ["alice", "user/eng/alice", "role/deploy", "a.b@c", `arn:aws:iam::${b}:role/x/deploy`]) {
    expect(isPrincipalName(name, b), name).toBe(true);
  }
  for (const name of [
    "",
    "*",
    "group/x",
    "role/",
    "role/*",
    `arn:aws:iam::${own}:user/alice`,
    `arn:aws:iam::${b}:group/g`,
  ]) {
    expect(isPrincipalName(name, b), name).toBe(false);
  }
});

test("a made external id is one, and another each time", () => {
  const ids = new Set(Array.from({ length: 50 }, newExternalId));
  expect(ids.size).toBe(50);
  for (const id of ids) expect(isExternalId(id)).toBe(true);
  expect(isExternalId("a")).toBe(false);
  expect(isExternalId("two words")).toBe(false);
});

describe("the draft survives a reload", () => {
  const alice = `arn:aws:iam::${own}:user/alice`;
  beforeEach(() => sessionStorage.clear());

  test("as it was, and only for who wrote it", () => {
    const draft: Draft = {
      ...emptyDraft,
      step: 2,
      name: "s3-admin",
      ...account({ requireExternalId: true, externalId: "e-1" }),
      inline: [{ name: "p", document: "{}" }],
      tags: [{ Key: "team", Value: "ops" }],
      made: { arn: "arn", done: ["role"] },
    };
    saveDraft(alice, draft);
    expect(loadDraft(alice)).toEqual(draft);
    expect(loadDraft(`arn:aws:iam::${own}:user/bob`)).toEqual(emptyDraft);
    dropDraft(alice);
    expect(isEmpty(loadDraft(alice))).toBe(true);
  });

  test("what is stored in another form counts for nothing", () => {
    sessionStorage.setItem(
      `regent-create-role:${alice}`,
      '{"name": 7, "policies": [1], "account": {"names": "x"}, "path": "/a/"}',
    );
    expect(loadDraft(alice)).toEqual({ ...emptyDraft, path: "/a/" });
    sessionStorage.setItem(`regent-create-role:${alice}`, "{");
    expect(loadDraft(alice)).toEqual(emptyDraft);
  });
});
