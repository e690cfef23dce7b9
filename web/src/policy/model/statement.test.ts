import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { archived, managed } from "./corpus";
import { isStatement, read, textOf, type PolicyDocument, type Statement } from "./document";
import { apply, change, defaultStyle, format } from "./edit";
import { parse, plainValue, tryParse } from "./json";
import { size } from "./size";
import * as edit from "./statement";

interface Json {
  [key: string]: Json | Json[] | string | number | boolean;
}

const corpus = [...archived(), ...managed()].filter((text) => {
  const d = read(text);
  return d.root && d.statements.length > 0 && d.statements.every(isStatement);
});

/** The ways people write documents. */
const writings: Record<string, (text: string) => string> = {
  "as it was": (text) => text,
  compact: (text) => JSON.stringify(JSON.parse(text)),
  "four blanks": (text) => JSON.stringify(JSON.parse(text), null, 4),
  tabs: (text) => JSON.stringify(JSON.parse(text), null, "\t"),
  "carriage returns": (text) => JSON.stringify(JSON.parse(text), null, 2).replaceAll("\n", "\r\n"),
  "a statement a line": (text) => {
    const { Statement, ...rest } = JSON.parse(text) as { Statement: unknown };
    const statements = [Statement].flat().map((s) => JSON.stringify(s));
    return `${JSON.stringify({ ...rest, Statement: 0 }).replace(/0}$/, "")}[\n  ${statements.join(",\n  ")}\n]}\n`;
  },
  "odd white space": (text) => JSON.stringify(JSON.parse(text), null, 3).replace(/^(\s*"[^"\\]*"): /gm, "$1  :\t"),
  "escaped letters": (text) => JSON.stringify(JSON.parse(text), null, 1).replaceAll('"s', '"\\u0073'),
};

const documents = fc
  .tuple(fc.constantFrom(...corpus), fc.constantFrom(...Object.keys(writings)))
  .map(([text, how]) => writings[how]!(text));

const strings = fc.array(fc.constantFrom("s3:GetObject", "s3:*", "*", 'odd"\\ü', "iam:List*", "a:b"), { maxLength: 4 });

/** An edit of one statement, and the same on a value. */
interface Edit {
  name: string;
  text: (d: PolicyDocument, index: number) => string;
  value: (statement: Json, s: Statement) => void;
}

const list = (value: unknown): string[] => (value === undefined ? [] : [value].flat()) as string[];

/** What an element says, one string or a list being the same. */
const says = (values: string[]) => [...new Set(values)].toSorted();

const setValues = (element: "Action" | "Resource", values: string[]): Edit => ({
  name: `${element} = ${JSON.stringify(values)}`,
  text: (d, i) => edit.setValues(d, i, element, values),
  value: (s, view) => {
    const found = element === "Action" ? view.action : view.resource;
    if (found.shape !== "other") s[found.shape === "list" && found.not ? `Not${element}` : element] = values as never;
  },
});

const edits = fc.oneof(
  fc.constantFrom<"Action" | "Resource">("Action", "Resource").chain((e) => strings.map((v) => setValues(e, v))),
  fc.constantFrom("Allow" as const, "Deny" as const).map((effect): Edit => ({
    name: `Effect = ${effect}`,
    text: (d, i) => edit.setEffect(d, i, effect),
    value: (s) => void (s.Effect = effect),
  })),
  fc.constantFrom("", "Mine").map((sid): Edit => ({
    name: `Sid = ${sid}`,
    text: (d, i) => edit.setSid(d, i, sid),
    value: (s) => {
      if (sid === "") delete s.Sid;
      else s.Sid = sid;
    },
  })),
  fc
    .tuple(fc.constantFrom("StringLike", "Bool", "StringEquals"), fc.constantFrom("aws:username", "s3:prefix"), strings)
    .map(([operator, key, values]): Edit => ({
      name: `${operator} ${key} ${JSON.stringify(values)}`,
      text: (d, i) => edit.addCondition(d, i, operator, key, values),
      value: (s, view) => {
        if (view.condition.shape === "other") return;
        const keys = (((s.Condition ??= {}) as Json)[operator] ??= {}) as Json;
        const same = Object.keys(keys).find((k) => k.toLowerCase() === key.toLowerCase()) ?? key;
        keys[same] = [...list(keys[same]).map(String), ...values] as never;
      },
    })),
  fc.nat(3).map((row): Edit => ({
    name: `no condition ${row}`,
    text: (d, i) => edit.removeCondition(d, i, row),
    value: (s, view) => {
      const r = view.condition.shape === "conditions" ? view.condition.rows[row] : undefined;
      if (!r) return;
      const condition = s.Condition as Json;
      const keys = condition[r.operator.key.value] as Json;
      delete keys[r.key.key.value];
      if (Object.keys(keys).length === 0) delete condition[r.operator.key.value];
      if (Object.keys(condition).length === 0) delete s.Condition;
    },
  })),
  fc.tuple(fc.nat(3), strings).map(([row, values]): Edit => ({
    name: `condition ${row} = ${JSON.stringify(values)}`,
    text: (d, i) => edit.setConditionValues(d, i, row, values),
    value: (s, view) => {
      const r = view.condition.shape === "conditions" ? view.condition.rows[row] : undefined;
      if (r) ((s.Condition as Json)[r.operator.key.value] as Json)[r.key.key.value] = values as never;
    },
  })),
  fc.tuple(fc.nat(3), fc.constantFrom("StringLike", "ArnLike", "Bool")).map(([row, operator]): Edit => ({
    name: `operator of ${row} = ${operator}`,
    text: (d, i) => edit.setConditionOperator(d, i, row, operator),
    value: (s, view) => {
      const r = view.condition.shape === "conditions" ? view.condition.rows[row] : undefined;
      if (!r || r.operator.key.value === operator) return;
      const condition = s.Condition as Json;
      const old = condition[r.operator.key.value] as Json;
      const key = r.key.key.value;
      const values = old[key];
      delete old[key];
      if (Object.keys(old).length === 0) delete condition[r.operator.key.value];
      const keys = (condition[operator] ??= {}) as Json;
      const same = Object.keys(keys).find((k) => k.toLowerCase() === key.toLowerCase()) ?? key;
      keys[same] = [...list(keys[same]), ...list(values)].map(String) as never;
    },
  })),
  fc.tuple(fc.constantFrom("AWS" as const, "Service" as const), strings).map(([type, values]): Edit => ({
    name: `${type} = ${JSON.stringify(values)}`,
    text: (d, i) => edit.setPrincipals(d, i, type, values),
    value: (s, view) => {
      if (view.principal.shape === "other") return;
      const name = view.principal.shape === "principals" && view.principal.not ? "NotPrincipal" : "Principal";
      const old = s[name];
      const principal = (typeof old === "object" ? old : {}) as Json;
      if (values.length === 0 && typeof old === "object") delete principal[type];
      else principal[type] = values as never;
      s[name] = principal;
    },
  })),
  fc.constantFrom<"Action" | "Resource" | "Principal">("Action", "Resource", "Principal").chain((e) =>
    fc.boolean().map((not): Edit => ({
      name: `Not${e}: ${not}`,
      text: (d, i) => edit.setNot(d, i, e, not),
      value: (s) => {
        const [old, next] = not ? [e, `Not${e}`] : [`Not${e}`, e];
        if (s[old] === undefined || s[next] !== undefined) return;
        s[next] = s[old];
        delete s[old];
      },
    })),
  ),
);

/** normal forgets what says the same: the order of keys, one value or a list of one, and a value said twice. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return says(value.map(String));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([k, v]) => [k, normal(v)]),
    );
  }
  return [String(value)];
}

describe("an edit of a statement", () => {
  const cases = fc.tuple(documents, fc.nat(), edits);

  it("changes no byte of what is around the statement", () => {
    fc.assert(
      fc.property(cases, ([text, n, e]) => {
        const d = read(text);
        const index = n % d.statements.length;
        const { node } = d.statements[index]!;
        const after = e.text(d, index);
        expect(after.startsWith(text.slice(0, node.from))).toBe(true);
        expect(after.endsWith(text.slice(node.to))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("says what it was to say", () => {
    fc.assert(
      fc.property(cases, ([text, n, e]) => {
        const d = read(text);
        const index = n % d.statements.length;
        const s = d.statements[index] as Statement;
        // Two elements of which only one may stand are left alone but by what removes them.
        const wanted = plainValue(s.node) as Json;
        const clash = e.name.startsWith("Not") && wanted[e.name.slice(0, e.name.indexOf(":"))] !== undefined;
        if (clash) return;
        e.value(wanted, s);
        const after = read(e.text(d, index));
        expect(normal(plainValue(after.statements[index]!.node))).toEqual(normal(wanted));
      }),
      { numRuns: 2000 },
    );
  });

  it("leaves the other elements of the statement as they were written", () => {
    fc.assert(
      fc.property(cases, ([text, n, e]) => {
        const d = read(text);
        const index = n % d.statements.length;
        const old = d.statements[index] as Statement;
        const after = e.text(d, index);
        const now = read(after).statements[index] as Statement;
        const changed = now.node.members.filter(
          (m) =>
            !old.node.members.some((o) => text.slice(o.key.from, o.value.to) === after.slice(m.key.from, m.value.to)),
        );
        expect(changed.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });

  it("makes no element twice", () => {
    const text = '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "NotResource": []}}';
    expect(edit.setNot(read(text), 0, "Resource", false)).toBe(text);
    expect(edit.setNot(read(text), 0, "Resource", true)).toBe(text);
  });

  it("back and forth is no edit", () => {
    fc.assert(
      fc.property(documents, fc.nat(), (text, n) => {
        const d = read(text);
        const index = n % d.statements.length;
        const s = d.statements[index] as Statement;
        if (s.action.shape === "list") {
          expect(
            edit.setValues(
              d,
              index,
              "Action",
              s.action.values.map((v) => v.value),
            ),
          ).toBe(text);
        }
        if (s.sid.shape === "text" && s.sid.node.value !== "") {
          const named = read(edit.setSid(d, index, "Other"));
          expect(normal(plainValue(parse(edit.setSid(named, index, s.sid.node.value))))).toEqual(
            normal(JSON.parse(text)),
          );
        }
        if (s.condition.shape === "conditions") {
          s.condition.rows.forEach((r, row) => {
            if (new Set(r.values.map(textOf)).size !== r.values.length || r.values.some((v) => v.kind !== "string"))
              return;
            expect(edit.setConditionValues(d, index, row, r.values.map(textOf))).toBe(text);
            expect(edit.setConditionOperator(d, index, row, r.operator.key.value)).toBe(text);
          });
        }
      }),
    );
  });
});

describe("statements", () => {
  const raw = (text: string) => read(text).statements.map((s) => text.slice(s.node.from, s.node.to));

  it("come, go and change places without a change in the others", () => {
    fc.assert(
      fc.property(documents, fc.nat(), fc.nat(), (text, n, m) => {
        const d = read(text);
        const before = raw(text);
        const at = n % (before.length + 1);
        const added = edit.addStatement(d, edit.newStatement("identity"), at);
        expect(raw(added).toSpliced(at, 1)).toEqual(before);
        const index = n % before.length;
        expect(raw(edit.removeStatement(d, index))).toEqual(before.toSpliced(index, 1));
        expect(raw(edit.removeStatement(read(added), at))).toEqual(before);
        const other = m % before.length;
        const moved = raw(edit.moveStatement(d, index, other));
        expect(moved).toEqual(before.with(index, before[other]!).with(other, before[index]!));
        expect(moved.length).toBe(before.length);
        const copied = read(edit.copyStatement(d, index));
        expect(raw(copied.text).toSpliced(index + 1, 1)).toEqual(before);
        const sids = copied.statements.map((s) => (isStatement(s) && s.sid.shape === "text" ? s.sid.node.value : ""));
        const old = d.statements.map((s) => (isStatement(s) && s.sid.shape === "text" ? s.sid.node.value : ""));
        if (old[index] !== "") expect(old).not.toContain(sids[index + 1]);
      }),
      { numRuns: 1000 },
    );
  });

  it("are written as their neighbours are", () => {
    const text = '{\n    "Statement": [\n        {\n            "Effect": "Deny"\n        }\n    ]\n}';
    expect(edit.addStatement(read(text), { Effect: "Allow", Action: ["a", "b"] })).toBe(
      '{\n    "Statement": [\n        {\n            "Effect": "Deny"\n        },\n        {\n            "Effect": "Allow",\n' +
        '            "Action": [\n                "a",\n                "b"\n            ]\n        }\n    ]\n}',
    );
    expect(edit.addStatement(read('{"Statement":[{"Effect":"Deny"}]}'), { Effect: "Allow", Action: ["a", "b"] })).toBe(
      '{"Statement":[{"Effect":"Deny"},{"Effect":"Allow","Action":["a","b"]}]}',
    );
    expect(edit.addStatement(read('{"Statement": {"Effect": "Deny"}}'), { Effect: "Allow" })).toBe(
      '{"Statement": [{"Effect": "Deny"}, {"Effect": "Allow"}]}',
    );
    expect(edit.addStatement(read("{}"), { Effect: "Allow" })).toBe(
      '{\n  "Statement": [\n    {\n      "Effect": "Allow"\n    }\n  ]\n}',
    );
    expect(edit.addStatement(read(" "), { Effect: "Allow" })).toBe(edit.newDocument({ Effect: "Allow" }));
  });
});

it("leaves a text alone that is no JSON", () => {
  for (const text of ["{", "[]", '{"Statement": [}']) {
    expect(edit.addStatement(read(text), {})).toBe(text);
    expect(edit.setVersion(read(text), "2012-10-17")).toBe(text);
  }
});

it("writes the version first", () => {
  expect(edit.setVersion(read('{\n  "Statement": []\n}'), "2012-10-17")).toBe(
    '{\n  "Version": "2012-10-17",\n  "Statement": []\n}',
  );
  expect(edit.setVersion(read('{"Version":"x"}'), "2012-10-17")).toBe('{"Version":"2012-10-17"}');
});

describe("format", () => {
  it("changes white space alone, and nothing when done twice", () => {
    fc.assert(
      fc.property(documents, (text) => {
        const once = format(text, parse(text));
        expect(once.replace(/\s+/g, "")).toBe(text.replace(/\s+/g, ""));
        expect(format(once, parse(once))).toBe(once);
        expect(size("identity", once)).toBe(size("identity", text));
      }),
    );
  });

  it("keeps numbers as they were written", () => {
    const text = '{"a": [1.50, 1e3, -0, true, null], "b": {}}';
    expect(format(text, parse(text))).toBe(
      '{\n  "a": [\n    1.50,\n    1e3,\n    -0,\n    true,\n    null\n  ],\n  "b": {}\n}',
    );
    expect(format(text, parse(text), { ...defaultStyle, indent: "\t" })).toContain("\n\t\t1.50");
  });
});

it("finds the one change between two texts", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      const c = change(a, b);
      expect(c ? apply(a, c) : a).toBe(b);
    }),
  );
});

it("refuses changes that overlap", () => {
  expect(() => apply("abc", { from: 0, to: 2, insert: "" }, { from: 1, to: 3, insert: "" })).toThrow("overlap");
});

// Rules: PL-90 PL-91 S3-79
it("counts as IAM does", () => {
  const text = '{ "Sid" : "a b",\r\n\t"x": "\\" é" }';
  expect(size("identity", text)).toBe('{"Sid":"a b","x":"\\" é"}'.length);
  expect(size("trust", text)).toBe(size("identity", text));
  expect(size("scp", text)).toBe(text.length);
  expect(size("rcp", "😀")).toBe(1);
  expect(size("bucket", text)).toBe(text.length + 1);
});

it("reads broken statements as far as it can", () => {
  for (const text of corpus) expect(() => read(text)).not.toThrow();
  const d = read(
    '{"Statement": [1, {"Effect": "allow", "Action": 1, "NotResource": "*", "Resource": "*", "Foo": 1, "Condition": {"Bool": 1}}]}',
  );
  expect(isStatement(d.statements[0]!)).toBe(false);
  const s = d.statements[1] as Statement;
  expect([s.effect.shape, s.action.shape, s.resource.shape, s.condition.shape, s.principal.shape]).toEqual([
    "other",
    "other",
    "other",
    "other",
    "absent",
  ]);
  expect(s.unknown.map((m) => m.key.value)).toEqual(["Foo"]);
  expect(tryParse(d.text).fault).toBeUndefined();
});
