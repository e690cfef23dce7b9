import { expect, it } from "vitest";
import { linted } from "./corpus";
import { read } from "./document";
import { findingsOf, lineOf, statementOf, trailTo, type Finding } from "./findings";
import { closest, fixOf } from "./fixes";
import { parse, plainValue } from "./json";

const answers = linted();

const finding = (text: string, code: string, details: string, ...about: string[]): Finding => {
  let from = -1;
  const spans = about.map((part) => {
    from = text.indexOf(part, from + 1);
    return { from, to: from + part.length };
  });
  return { code, severity: "error", details, learnMore: "", spans };
};

it("reads the places of findings as the server counts them", () => {
  let places = 0;
  for (const { text, findings } of answers) {
    const root = read(text).root;
    if (!root) continue;
    findingsOf(text, findings).forEach((f, i) => {
      f.spans.forEach((span, n) => {
        const path = findings[i]!.locations[n]!.path.slice(1);
        // What a path ends in is a key, or a part of a string, when it is no value.
        if (path.includes("(")) return;
        const trail = trailTo(root, span).map((s) => ("member" in s ? s.member.key.value : String(s.index)));
        expect(trail.join("/")).toBe(path);
        places++;
      });
    });
  }
  expect(places).toBeGreaterThan(200);
});

it("counts characters beyond the first plane as one", () => {
  const text = '{"a😀": "b", "Sid": ""}';
  const [f] = findingsOf(text, [
    { issueCode: "X", findingType: "NEW", locations: [{ span: { start: { offset: 19 }, end: { offset: 21 } } }] },
  ]);
  expect(text.slice(f!.spans[0]!.from, f!.spans[0]!.to)).toBe('""');
  expect(f!.severity).toBe("suggestion");
  const far = findingsOf(text, [{ locations: [{ span: { start: { offset: 99 }, end: { offset: 100 } } }] }]);
  expect(far[0]!.spans).toEqual([{ from: text.length, to: text.length }]);
});

it("leads nowhere but to AWS's pages", () => {
  expect(findingsOf("", [{ learnMoreLink: "javascript:alert(1)" }])[0]!.learnMore).toBe("");
  expect(findingsOf("", [{ learnMoreLink: "https://docs.aws.amazon.com/x" }])[0]!.learnMore).toBe(
    "https://docs.aws.amazon.com/x",
  );
});

it("leaves JSON behind whatever it mends, and changes something", () => {
  const mended = new Set<string>();
  for (const { text, findings } of answers) {
    for (const f of findingsOf(text, findings)) {
      const fix = fixOf(text, f);
      if (!fix) continue;
      mended.add(f.code);
      expect(fix.text).not.toBe(text);
      expect(() => JSON.parse(fix.text)).not.toThrow();
    }
  }
  expect(mended.size).toBeGreaterThan(24);
});

const statement = (rest: string) => `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", ${rest}}]}`;

it.each<[code: string, details: string, text: string, about: string[], mended: string | undefined]>([
  ["MISSING_VERSION", "", '{"Statement": []}', ["{"], '{"Version": "2012-10-17", "Statement": []}'],
  ["INVALID_VERSION", "", '{"Version": "2012"}', ['"2012"'], '{"Version": "2012-10-17"}'],
  [
    "INVALID_ACTION",
    "The action s3:GetObjekt does not exist. Did you mean s3:GetObject?",
    statement('"Action": ["s3:GetObjekt", "s3:PutObject"]'),
    ['"s3:GetObjekt"'],
    statement('"Action": ["s3:GetObject", "s3:PutObject"]'),
  ],
  ["INVALID_ACTION", "The action s3:X does not exist.", statement('"Action": ["s3:X"]'), ['"s3:X"'], undefined],
  [
    "INVALID_ACTION",
    "The action s3:X does not exist.",
    statement('"Action": ["s3:X", "s3:PutObject"]'),
    ['"s3:X"'],
    statement('"Action": ["s3:PutObject"]'),
  ],
  [
    "INVALID_SERVICE_IN_ACTION",
    "The service s33 specified in the action does not exist. Did you mean s3?",
    statement('"Action": "s33:Get*"'),
    ['"s33:Get*"'],
    statement('"Action": "s3:Get*"'),
  ],
  ["INVALID_EFFECT", "", '{"Statement": {"Effect": "allow"}}', ['"allow"'], '{"Statement": {"Effect": "Allow"}}'],
  ["INVALID_EFFECT", "", '{"Statement": {"Effect": "maybe"}}', ['"maybe"'], undefined],
  ["INVALID_POLICY_ELEMENT", "", '{"version": "x"}', ['"version"'], '{"Version": "x"}'],
  ["INVALID_POLICY_ELEMENT", "", statement('"Resouce": "*"'), ['"Resouce"'], statement('"Resource": "*"')],
  ["INVALID_POLICY_ELEMENT", "", statement('"Comment": "*"'), ['"Comment"'], undefined],
  [
    "EMPTY_SID_VALUE",
    "",
    statement('"Sid": ""'),
    ['""'],
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}',
  ],
  ["UNSUPPORTED_SID", "", statement('"Sid": "my sid!"'), ['"my sid!"'], statement('"Sid": "mysid"')],
  [
    "UNIQUE_SIDS_REQUIRED",
    "",
    '{"Statement": [{"Sid": "A"}, {"Sid": "A"}]}',
    ['"A"', '"A"'],
    '{"Statement": [{"Sid": "A"}, {"Sid": "A2"}]}',
  ],
  ["UNSUPPORTED_PRINCIPAL", "", statement('"Principal": "*", "Action": "*"'), ['"*"'], statement('"Action": "*"')],
  [
    "REDUNDANT_ACTION",
    "",
    statement('"Action": ["s3:Get*", "s3:GetObject", "s3:GetBucketAcl"]'),
    ['"s3:GetObject"', '"s3:GetBucketAcl"'],
    statement('"Action": ["s3:Get*"]'),
  ],
  ["REDUNDANT_ACTION", "", statement('"Action": ["s3:GetObject"]'), ['"s3:GetObject"'], undefined],
  [
    "REDUNDANT_STATEMENT",
    "",
    '{"Statement": [{"A": 1}, {"A": 1}, {"B": 1}, {"A": 1}]}',
    ['{"A": 1}', '{"A": 1}', '{"A": 1}'],
    '{"Statement": [{"A": 1}, {"B": 1}]}',
  ],
  [
    "EMPTY_OBJECT_CONDITION",
    "",
    statement('"Condition": {}'),
    ["{}"],
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}',
  ],
  [
    "EMPTY_OBJECT_CONDITION",
    "",
    statement('"Condition": {"Bool": {}}'),
    ["{}"],
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}',
  ],
  [
    "EMPTY_OBJECT_CONDITION",
    "",
    statement('"Condition": {"Bool": {}, "Null": {"a:b": "true"}}'),
    ["{}"],
    statement('"Condition": {"Null": {"a:b": "true"}}'),
  ],
  [
    "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
    "",
    statement('"Condition": {"ForAllValues:StringEquals": {"aws:username": "a"}}'),
    ['"a"'],
    statement('"Condition": {"StringEquals": {"aws:username": "a"}}'),
  ],
  [
    "TYPE_MISMATCH",
    "Use the operator type IpAddress instead of operator StringNotEquals for the condition key aws:SourceIp.",
    statement('"Condition": {"StringNotEquals": {"aws:SourceIp": "203.0.113.1", "aws:username": "a"}}'),
    ['"203.0.113.1"'],
    statement(
      '"Condition": {"StringNotEquals": {"aws:username": "a"}, "NotIpAddress": {"aws:SourceIp": "203.0.113.1"}}',
    ),
  ],
  [
    "TYPE_MISMATCH",
    "Use the operator type Bool instead of operator StringNotEquals for the condition key aws:SecureTransport.",
    statement('"Condition": {"StringNotEquals": {"aws:SecureTransport": "true"}}'),
    ['"true"'],
    undefined,
  ],
  [
    "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS",
    "Use the operator type ArnNotLike instead of operator StringNotLikeIfExists for the condition key aws:PrincipalArn.",
    statement('"Condition": {"StringNotLikeIfExists": {"aws:PrincipalArn": "arn:x"}}'),
    ['"arn:x"'],
    statement('"Condition": {"ArnNotLikeIfExists": {"aws:PrincipalArn": "arn:x"}}'),
  ],
  [
    "WILDCARD_WITHOUT_LIKE_OPERATOR",
    "",
    statement('"Condition": {"StringEqualsIfExists": {"s3:prefix": ["a*", "b"]}}'),
    ['"a*"'],
    statement('"Condition": {"StringLikeIfExists": {"s3:prefix": ["a*", "b"]}}'),
  ],
  [
    "NULL_WITH_IF_EXISTS",
    "",
    statement('"Condition": {"NullIfExists": {"s3:prefix": "true"}}'),
    ['"NullIfExists"'],
    statement('"Condition": {"Null": {"s3:prefix": "true"}}'),
  ],
  [
    "INVALID_CONDITION_OPERATOR",
    "",
    statement('"Condition": {"StringEqual": {"s3:prefix": "a"}}'),
    ['"StringEqual"'],
    statement('"Condition": {"StringEquals": {"s3:prefix": "a"}}'),
  ],
  [
    "EQUIVALENT_TO_NULL_FALSE",
    "",
    statement('"Condition": {"StringLike": {"s3:prefix": "*"}}'),
    ['"*"'],
    statement('"Condition": {"Null": {"s3:prefix": "false"}}'),
  ],
  [
    "IMPROVE_IP_RANGE",
    "The non-zero bits in the IP address after the masked bits are ignored. Replace address with 203.0.113.0/24.",
    statement('"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.7/24"}}'),
    ['"203.0.113.7/24"'],
    statement('"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}'),
  ],
  [
    "INVALID_ARN_SERVICE_CASE",
    "",
    statement('"Resource": "arn:aws:S3:::Bucket"'),
    ['"arn:aws:S3:::Bucket"'],
    statement('"Resource": "arn:aws:s3:::Bucket"'),
  ],
  ["SOMETHING_NEW", "", "{}", ["{"], undefined],
])("mends %s", (code, details, text, about, mended) => {
  expect(fixOf(text, finding(text, code, details, ...about))?.text).toBe(mended);
});

it("does nothing about a text that is no JSON", () => {
  expect(fixOf("{", finding("{", "MISSING_VERSION", "", "{"))).toBeUndefined();
});

it("finds the name that somebody meant", () => {
  expect(closest("resouce", ["Resource", "NotResource"])).toBe("Resource");
  expect(closest("ActionX", ["Action", "Actions"])).toBeUndefined();
  expect(closest("Something", ["Action"])).toBeUndefined();
});

it("knows where a place is", () => {
  const text = '{"Statement": [{"A": 1},\n {"B": 2}]}';
  const root = parse(text);
  expect(plainValue(root)).toEqual(JSON.parse(text));
  expect(statementOf(root, { from: text.indexOf("2"), to: text.indexOf("2") + 1 })).toBe(1);
  expect(statementOf(root, { from: 1, to: 5 })).toBeUndefined();
  expect(lineOf(text, text.indexOf("B"))).toBe(2);
});
