import fc from "fast-check";
import { expect, it } from "vitest";
import { intersects, matches } from "./glob";
import { findKey, formatOperator, operatorsFor, parseOperator, templateOf, valueFault, type Key } from "./keys";
import { byService, summarize } from "./summary";
import { read } from "./document";

it("takes operators apart and puts them together", () => {
  const qualified = fc.record({
    quantifier: fc.constantFrom("" as const, "ForAllValues" as const, "ForAnyValue" as const),
    name: fc.constantFrom("StringEquals", "NotIpAddress", "Bool"),
    ifExists: fc.boolean(),
  });
  fc.assert(fc.property(qualified, (o) => void expect(parseOperator(formatOperator(o))).toEqual(o)));
  expect(formatOperator({ quantifier: "", name: "Null", ifExists: true })).toBe("Null");
});

it("offers what a key can be compared with", () => {
  expect(operatorsFor("Bool")).toEqual(["Bool", "Null"]);
  expect(operatorsFor("ArrayOfARN")[0]).toBe("ArnLike");
  expect(operatorsFor("Unknown").length).toBeGreaterThan(15);
});

it("knows keys by the template that they fill in, and one of its own before a template", () => {
  const keys: Key[] = [
    { name: "aws:PrincipalTag/${TagKey}", type: "String" },
    { name: "aws:principaltag/special", type: "Bool" },
    { name: "aws:ResourceTag/tag-key", type: "String" },
  ];
  expect(findKey(keys, "AWS:PrincipalTag/team")?.name).toBe("aws:PrincipalTag/${TagKey}");
  expect(findKey(keys, "aws:PrincipalTag/Special")?.type).toBe("Bool");
  expect(findKey(keys, "aws:ResourceTag/x")?.name).toBe("aws:ResourceTag/tag-key");
  expect(findKey(keys, "aws:PrincipalTag/")).toBeUndefined();
  expect(templateOf("aws:SourceIp")).toBeUndefined();
});

it.each([
  ["Bool", "true", undefined],
  ["BoolIfExists", "yes", "bool"],
  ["NumericLessThan", "3600", undefined],
  ["NumericLessThan", "an hour", "number"],
  ["DateGreaterThan", "2026-01-31T00:00:00Z", undefined],
  ["DateGreaterThan", "31.1.2026", "date"],
  ["ForAnyValue:IpAddress", "203.0.113.0/24", undefined],
  ["IpAddress", "2001:db8::/32", undefined],
  ["IpAddress", "localhost", "ip"],
  ["ArnLike", "arn:aws:s3:::b", undefined],
  ["ArnLike", "b", "arn"],
  ["StringEquals", "anything", undefined],
  ["IpAddress", "${aws:SourceIp}", undefined],
])("%s takes %s: %s", (operator, value, fault) => {
  expect(valueFault(operator, value)).toBe(fault);
});

/** A pattern as a regular expression: slow and plain. */
const plainly = (pattern: string, text: string) =>
  new RegExp(`^${pattern.replace(/[a-z]/g, "$&").replaceAll("*", ".*").replaceAll("?", ".")}$`, "i").test(text);

it("matches as the plain way does, and finds what two patterns have in common", () => {
  const pattern = fc.array(fc.constantFrom("a", "b", "*", "?"), { maxLength: 6 }).map((p) => p.join(""));
  const text = fc.array(fc.constantFrom("a", "b"), { maxLength: 6 }).map((p) => p.join(""));
  fc.assert(
    fc.property(pattern, pattern, text, (p, q, t) => {
      expect(matches(p, t)).toBe(plainly(p, t));
      if (plainly(p, t) && plainly(q, t)) expect(intersects(p, q)).toBe(true);
      expect(intersects(p, q)).toBe(intersects(q, p));
      expect(intersects(p, t)).toBe(plainly(p, t));
    }),
    { numRuns: 3000 },
  );
});

it("says what is denied first", () => {
  const d = read(
    '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Sid": "No", "Effect": "Deny", "NotAction": "iam:*", "Resource": ["a"], "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": false}}, "Odd": 1}, {"Effect": "Perhaps"}]}',
  );
  const said = summarize(d);
  expect(said.map((s) => [s.index, s.effect])).toEqual([
    [1, "Deny"],
    [0, "Allow"],
    [2, undefined],
  ]);
  expect(said[0]).toMatchObject({
    sid: "No",
    actions: { not: true, values: ["iam:*"] },
    resources: { not: false, all: false },
    conditions: [{ operator: { name: "Bool", ifExists: true }, key: "aws:MultiFactorAuthPresent", values: ["false"] }],
    unreadable: ["Odd"],
  });
  expect([...byService(["s3:Get*", "*", "S3:Put*", "iam:*"])]).toEqual([
    ["s3", ["s3:Get*", "S3:Put*"]],
    ["", ["*"]],
    ["iam", ["iam:*"]],
  ]);
});
