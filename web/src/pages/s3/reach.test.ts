import { expect, test } from "vitest";
import { reachOf } from "./reach";

const own = "111122223333";
const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

test("a policy names whom it lets in beside the bucket's own account", () => {
  const found = reachOf(
    policy(
      { Effect: "Allow", Principal: { AWS: [`arn:aws:iam::${own}:user/alice`, own] }, Action: "s3:*" },
      {
        Effect: "Allow",
        Principal: { AWS: ["arn:aws:iam::444455556666:root", "777788889999"] },
        Action: "s3:GetObject",
      },
      {
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::444455556666:role/r", Service: "logging.s3.amazonaws.com" },
        NotAction: "s3:DeleteBucket",
      },
      { Effect: "Deny", Principal: "*", Action: "s3:*" },
    ),
    own,
  );
  expect(found?.map((r) => ["name" in r.who ? r.who.name : "*", r.who.kind, r.actions[0]])).toEqual([
    ["444455556666", "account", "s3:GetObject"],
    ["777788889999", "account", "s3:GetObject"],
    ["arn:aws:iam::444455556666:role/r", "principal", "*"],
    ["logging.s3.amazonaws.com", "service", "*"],
  ]);
});

test("everyone is everyone, in each way to write it, and conditions are told", () => {
  const allow = (rest: object) => policy({ Effect: "Allow", Action: "s3:GetObject", ...rest });
  expect(reachOf(allow({ Principal: "*" }), own)?.[0]).toMatchObject({ who: { kind: "everyone" }, conditions: false });
  const condition = { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } };
  expect(reachOf(allow({ Principal: { AWS: "*" }, Condition: condition }), own)?.[0]).toMatchObject({
    who: { kind: "everyone" },
    conditions: true,
  });
});

test("all but some is not taken for those, even where they are the account's own", () => {
  const found = reachOf(policy({ Effect: "Allow", NotPrincipal: { AWS: own }, Action: "s3:*" }), own);
  expect(found).toEqual([{ who: { kind: "account", name: own }, except: true, actions: ["s3:*"], conditions: false }]);
});

test("one statement need not be a list, and what is no policy is not taken for an empty one", () => {
  expect(reachOf(`{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*"}}`, own)).toHaveLength(1);
  expect(reachOf("nonsense", own)).toBeUndefined();
});
