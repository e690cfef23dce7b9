import fc from "fast-check";
import { expect, it } from "vitest";
import { archived, managed } from "./corpus";
import { parse, plainValue, tryParse } from "./json";

const documents = [...archived(), ...managed()];

it("has a corpus to be tried on", () => {
  expect(archived().length).toBeGreaterThan(500);
  expect(managed()).toHaveLength(1485);
});

it("reads every document as JSON.parse does, and knows where each value stands", () => {
  for (const text of documents) {
    const { node } = tryParse(text);
    if (!node) continue;
    expect(plainValue(node)).toEqual(JSON.parse(text));
    expect(JSON.parse(text.slice(node.from, node.to))).toEqual(plainValue(node));
  }
});

it("refuses what JSON.parse refuses, and nothing else but repeated keys and what is nested too deep", () => {
  const broken = fc
    .tuple(
      fc.constantFrom(...archived()),
      fc.nat(),
      fc.nat(3),
      fc.constantFrom("", ",", "}", '"', "\\", "1", " ", "\n", "nul", "\u0001", "{"),
    )
    .map(([text, at, length, insert]) => {
      const from = text.length === 0 ? 0 : at % text.length;
      return text.slice(0, from) + insert + text.slice(from + length);
    });
  fc.assert(
    fc.property(broken, (text) => {
      const { fault } = tryParse(text);
      let refused = false;
      try {
        JSON.parse(text);
      } catch {
        refused = true;
      }
      if (fault?.code !== "duplicate" && fault?.code !== "deep") expect(fault !== undefined, fault?.code).toBe(refused);
      if (fault) expect(fault.from).toBeLessThanOrEqual(fault.to);
    }),
    { numRuns: 3000 },
  );
});

it("reads any JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 2, "\t"), (value, space) => {
      expect(plainValue(parse(JSON.stringify(value, null, space)))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it.each([
  ["", "empty", 0],
  ["  ", "empty", 0],
  ['{"a" 1}', "colon", 5],
  ['{"a": 1 "b": 2}', "commaOrBrace", 8],
  ["[1 2]", "commaOrBracket", 3],
  ['{"a": 1,}', "trailingComma", 7],
  ["[1,]", "trailingComma", 2],
  ["{a: 1}", "key", 1],
  ['{"a": Allow}', "word", 6],
  ["{\"a\": 'x'}", "value", 6],
  ['{"a": "x', "string", 6],
  ['{"a": "x\ny"}', "string", 6],
  ['{"a": "\t"}', "control", 7],
  ['{"a": "\\x"}', "escape", 7],
  ['{"a": 01}', "number", 6],
  ['{"a": 1, "a": 2}', "duplicate", 9],
  ["{} {}", "after", 3],
  ["[".repeat(11), "deep", 10],
])("says what is wrong with %s", (text, code, from) => {
  expect(tryParse(text).fault).toMatchObject({ code, from });
});
