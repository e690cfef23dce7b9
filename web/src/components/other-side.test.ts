import { describe, expect, test } from "vitest";
import type { TrustEdge } from "@/aws/regent";
import { isAnyAccount, roleOf, rolesNamed, verdictOf } from "./other-side";
import { readTrust } from "./trust";

const own = "444455556666";
const arn = "arn:aws:iam::111122223333:role/s3-admin";

const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

describe("the roles that a policy names", () => {
  // SE-10: the list may hold roles of several accounts.
  test("one or many, each once", () => {
    const other = "arn:aws:iam::777788889999:role/x";
    expect(
      rolesNamed(
        policy(
          { Effect: "Allow", Action: "sts:AssumeRole", Resource: arn },
          { Effect: "Allow", Action: ["sts:AssumeRole", "sts:TagSession"], Resource: [arn, other] },
        ),
      ).map((r) => r.arn),
    ).toEqual([arn, other]);
  });

  test("not what is denied, other actions, nor what is no policy", () => {
    expect(rolesNamed(policy({ Effect: "Deny", Action: "sts:AssumeRole", Resource: arn }))).toEqual([]);
    expect(rolesNamed(policy({ Effect: "Allow", Action: "sts:GetCallerIdentity", Resource: arn }))).toEqual([]);
    expect(rolesNamed(policy({ Effect: "Allow", Action: "*", Resource: "*" }))).toEqual([]);
    expect(rolesNamed("{")).toEqual([]);
    expect(rolesNamed("null")).toEqual([]);
  });

  test("with what the statement asks for", () => {
    const Condition = { Bool: { "aws:MultiFactorAuthPresent": "true" } };
    expect(rolesNamed(policy({ Effect: "Allow", Action: "sts:AssumeRole", Resource: arn, Condition }))).toEqual([
      { arn, conditions: ["aws:MultiFactorAuthPresent"] },
    ]);
  });

  test("an ARN of one role is told from a pattern", () => {
    expect(roleOf("arn:aws:iam::111122223333:role/ops/s3-admin")).toEqual({
      account: "111122223333",
      name: "s3-admin",
    });
    expect(roleOf("arn:aws:iam::*:role/x")).toBeUndefined();
    expect(roleOf("arn:aws:iam::111122223333:role/x-*")).toBeUndefined();
    expect(roleOf("arn:aws:iam::111122223333:role/${aws:username}")).toBeUndefined();
    expect(roleOf("*")).toBeUndefined();
    expect(isAnyAccount("arn:aws:iam::*:role/x")).toBe(true);
    expect(isAnyAccount("*")).toBe(true);
    expect(isAnyAccount("arn:aws:iam::111122223333:role/x-*")).toBe(false);
  });
});

describe("what the other side says", () => {
  const judge = (statements: object[], edges?: Partial<TrustEdge>[]) =>
    verdictOf(readTrust(policy(...statements)) ?? [], own, edges as TrustEdge[] | undefined);
  const allow = (AWS: unknown, Condition?: object) => ({
    Effect: "Allow",
    Principal: { AWS },
    Action: "sts:AssumeRole",
    Condition,
  });
  const mfa = { Bool: { "aws:MultiFactorAuthPresent": "true" } };
  const edge = { Principal: `arn:aws:iam::${own}:root`, PrincipalType: "ACCOUNT" as const };

  test("it trusts the account", () => {
    expect(judge([allow(`arn:aws:iam::${own}:root`)])).toEqual({ kind: "trusts", needs: [], only: [] });
    expect(judge([allow(own)])).toMatchObject({ kind: "trusts" });
    expect(judge([allow("*")])).toMatchObject({ kind: "trusts" });
  });

  test("it asks for more, the easiest way in counts", () => {
    expect(judge([allow(own, mfa)])).toMatchObject({ kind: "trusts", needs: [{ kind: "mfa" }] });
    expect(judge([allow(own, mfa), allow(own)])).toMatchObject({ kind: "trusts", needs: [] });
  });

  test("it trusts some of the account only", () => {
    expect(judge([allow(`arn:aws:iam::${own}:user/alice`)])).toMatchObject({
      kind: "trusts",
      only: [{ name: "alice" }],
    });
  });

  test("it trusts somebody else, or a service", () => {
    expect(judge([allow("111122223333")])).toMatchObject({ kind: "refuses", parties: [{ account: "111122223333" }] });
    expect(
      judge([{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }]),
    ).toMatchObject({
      kind: "refuses",
    });
    expect(judge([{ ...allow(own), Effect: "Deny" }])).toMatchObject({ kind: "refuses", parties: [] });
  });

  test("something of that side refuses all the same", () => {
    const blocked = { ...edge, Status: "BLOCKED" as const, BlockedBy: "rcp" as const };
    expect(judge([allow(own)], [blocked])).toEqual({ kind: "blocked", by: "rcp" });
    expect(judge([allow(own)], [blocked, { ...edge, Status: "UNKNOWN" }])).toMatchObject({ kind: "trusts" });
    // That a user of ours lacks the permission is our own side.
    expect(judge([allow(own)], [{ ...blocked, BlockedBy: "identity" }])).toMatchObject({ kind: "trusts" });
    expect(judge([allow(own)], [])).toMatchObject({ kind: "trusts" });
  });
});
