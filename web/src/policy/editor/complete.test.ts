import { CompletionContext } from "@codemirror/autocomplete";
import { json } from "@codemirror/lang-json";
import { EditorState } from "@codemirror/state";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { textsOf } from "@/messages";
import words from "@/messages/en/policy-editor";
import { catalogFetch } from "../test-catalog";
import { complete } from "./complete";
import { explain } from "./hover";

beforeEach(() => vi.stubGlobal("fetch", catalogFetch));
afterEach(() => vi.unstubAllGlobals());

const m = textsOf(words, { locale: "en", translations: {} });

/** What is offered where "|" stands. */
async function offered(text: string, kind: "identity" | "trust" = "identity", explicit = false) {
  const pos = text.indexOf("|");
  const doc = text.replace("|", "");
  const state = EditorState.create({ doc, extensions: [json()] });
  const found = await complete(new CompletionContext(state, pos, explicit), {
    kind,
    accountId: "111122223333",
    words: m,
  });
  return found && { labels: found.options.map((o) => o.label), from: found.from, to: found.to };
}

const inStatement = (rest: string) => `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", ${rest}}]}`;

it.each<[where: string, text: string, labels: string[]]>([
  ["elements of the document", '{"|"}', ["Version", "Id", "Statement"]],
  ["elements that are not there yet", '{"Version": "2012-10-17", "|"}', ["Id", "Statement"]],
  [
    "elements of a statement",
    inStatement('"|"'),
    ["Sid", "Action", "NotAction", "Resource", "NotResource", "Condition"],
  ],
  ["versions", '{"Version": "|"}', ["2012-10-17", "2008-10-17"]],
  ["effects", '{"Statement": [{"Effect": "|"}]}', ["Allow", "Deny"]],
  ["services", inStatement('"Action": "|"'), ["*", "iam:", "s3:"]],
  ["actions", inStatement('"Action": ["s3:Li|"]'), ["s3:*", "s3:GetObject", "s3:ListBucket", "s3:PutObject"]],
  ["resources of the actions", inStatement('"Action": "s3:GetObject", "Resource": "|"'), ["*", "arn:aws:s3:::*/*"]],
  [
    "keys of the actions before global ones",
    inStatement('"Action": "s3:ListBucket", "Condition": {"StringEquals": {"|"}}'),
    ["s3:prefix", "aws:SourceIp", "aws:MultiFactorAuthPresent", "aws:TagKeys", "aws:PrincipalTag/", "aws:username"],
  ],
  [
    "values of a key that is true or false",
    inStatement('"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "|"}}'),
    ["true", "false"],
  ],
  ["values of Null", inStatement('"Condition": {"Null": {"aws:username": "|"}}'), ["true", "false"]],
  [
    "variables",
    inStatement('"Condition": {"StringLike": {"s3:prefix": "home/${a|"}}'),
    ["${aws:SourceIp}", "${aws:MultiFactorAuthPresent}", "${aws:username}"],
  ],
])("offers %s", async (_, text, labels) => {
  expect((await offered(text))?.labels).toEqual(labels);
});

it("offers principals where there are any", async () => {
  expect((await offered(inStatement('"|"'), "trust"))?.labels).toEqual([
    "Sid",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Condition",
  ]);
  expect((await offered(inStatement('"Principal": {"AWS": "|"}'), "trust"))?.labels).toContain(
    "arn:aws:iam::111122223333:root",
  );
  expect((await offered(inStatement('"Principal": {"Service": "|"}'), "trust"))?.labels).toContain(
    "lambda.amazonaws.com",
  );
  expect((await offered(inStatement('"Principal": {"|"}'), "trust"))?.labels).toEqual([
    "AWS",
    "Service",
    "Federated",
    "CanonicalUser",
  ]);
});

it("offers operators, plain and qualified", async () => {
  const labels = (await offered(inStatement('"Condition": {"|"}')))?.labels;
  expect(labels).toEqual(expect.arrayContaining(["StringEquals", "ForAnyValue:StringLike", "BoolIfExists", "Null"]));
  expect(labels).not.toContain("NullIfExists");
});

it("replaces what stands between the quotes", async () => {
  const text = '{"Statement": [{"Action": "s3:|Get"}]}';
  const found = await offered(text);
  expect(text.replace("|", "").slice(found!.from, found!.to)).toBe("s3:Get");
});

it("offers nothing outside of quotes unless asked", async () => {
  const text = '{"Statement": [{"Effect": |}]}';
  expect(await offered(text)).toBeNull();
  expect((await offered(text, "identity", true))?.labels).toEqual(["Allow", "Deny"]);
});

it("still knows where it is while the rest is unfinished", async () => {
  expect((await offered('{"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "|"'))?.labels).toContain("s3:");
});

/** What is said of what stands where "|" is. */
async function explained(text: string) {
  const state = EditorState.create({ doc: text.replace("|", ""), extensions: [json()] });
  const found = await explain(state, text.indexOf("|"), m);
  return found && [found.title, ...found.lines];
}

it.each<[text: string, said: string[] | undefined]>([
  [inStatement('"Ac|tion": "*"'), ["Action", "What may or may not be done."]],
  [inStatement('"Action": "s3:Get|Object"'), ["s3:GetObject", "Amazon S3. Access level: Read", "Acts on: object*"]],
  [inStatement('"Action": "s3:|*"'), ["Amazon S3", "3 actions of 3", "GetObject, ListBucket, PutObject"]],
  [inStatement('"Action": "|*"'), ["*", "Every action of every service."]],
  [inStatement('"Action": "none:|X"'), undefined],
  [
    inStatement('"Condition": {"ForAllValues:StringNot|EqualsIfExists": {}}'),
    [
      "ForAllValues:StringNotEqualsIfExists",
      "True as well when the request does not have the key.",
      "Every value in the request must match. True as well when there is none.",
      "True as well when the request does not have the key.",
    ],
  ],
  [
    inStatement('"Condition": {"Bool": {"aws:Multi|FactorAuthPresent": "true"}}'),
    ["aws:MultiFactorAuthPresent", "Type: Bool", "A fact about the caller's session."],
  ],
])("explains %s", async (text, said) => {
  expect(await explained(text)).toEqual(said);
});
