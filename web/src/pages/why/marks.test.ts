import { expect, test } from "vitest";
import { marksOf } from "./marks";

const text = `{"Version":"2012-10-17","Statement":[
  {"Sid":"\u{1f600}","Effect":"Allow","Action":"s3:GetObject","Resource":"*"}, {"Effect":"Allow","Action":"sts:AssumeRole",
   "Resource":"arn:aws:iam::111122223333:role/r","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}`;

const second = { Visible: true, Index: 1, Line: 2, Column: 72 };

test("a statement is marked where it was, counted in characters, and in it what the request missed", () => {
  expect(marksOf(text, second)).toEqual([{ statement: 1 }]);
  const mismatch = { Element: "condition", Operator: "Bool", Key: "aws:MultiFactorAuthPresent" } as const;
  const marks = marksOf(text, { ...second, Mismatch: mismatch });
  const span = marks?.[1];
  expect(span && "from" in span && text.slice(span.from, span.to)).toBe('"aws:MultiFactorAuthPresent":"true"');
});

test("nothing is marked in a document that was written anew", () => {
  expect(marksOf(text, { ...second, Column: 3 })).toBeUndefined();
  expect(marksOf(text, { ...second, Index: 2 })).toBeUndefined();
  expect(marksOf("", second)).toBeUndefined();
});

test("of a document that is refused as a whole no statement is marked", () => {
  expect(marksOf("{", { Visible: true, Index: -1 })).toEqual([]);
});
