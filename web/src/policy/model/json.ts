/**
 * JSON as RFC 8259 has it, with the place of every value in its text. It is as strict as the server: no comments, no
 * trailing commas, no repeated keys. Places are UTF-16 offsets, as JavaScript and CodeMirror count.
 */

interface Place {
  /** Where the value begins, quotes and braces included. */
  from: number;
  /** One past where it ends. */
  to: number;
}

export interface StringNode extends Place {
  kind: "string";
  value: string;
}

/** A number, boolean or null; its text says which value. */
export interface LiteralNode extends Place {
  kind: "number" | "boolean" | "null";
  value: string;
}

export interface ArrayNode extends Place {
  kind: "array";
  items: Node[];
}

export interface Member {
  key: StringNode;
  value: Node;
}

export interface ObjectNode extends Place {
  kind: "object";
  members: Member[];
}

export type Node = StringNode | LiteralNode | ArrayNode | ObjectNode;

/** What is wrong with a text; the messages of the same names say it in words. */
export type FaultCode =
  | "empty"
  | "value"
  | "key"
  | "colon"
  | "commaOrBrace"
  | "commaOrBracket"
  | "trailingComma"
  | "string"
  | "escape"
  | "control"
  | "number"
  | "word"
  | "duplicate"
  | "deep"
  | "after";

/** The first thing that is wrong with a text. */
export class Fault extends Error {
  override name = "Fault";
  constructor(
    readonly code: FaultCode,
    readonly from: number,
    readonly to: number,
    /** The word or key that the fault is about. */
    readonly about = "",
  ) {
    super(`${code} at ${from}`);
  }
}

/** A document proper is nested seven deep, and the server reads no more than ten levels. */
const maxDepth = 10;

/** parse reads the one value that text consists of. It throws a Fault. */
export function parse(text: string): Node {
  const scanner = new Scanner(text);
  scanner.space();
  if (scanner.at === text.length) throw new Fault("empty", 0, text.length);
  const node = scanner.value(0);
  scanner.space();
  if (scanner.at < text.length) throw new Fault("after", scanner.at, text.length);
  return node;
}

/** tryParse is parse, with a fault as a value. */
export function tryParse(text: string): { node: Node; fault?: undefined } | { node?: undefined; fault: Fault } {
  try {
    return { node: parse(text) };
  } catch (error) {
    if (error instanceof Fault) return { fault: error };
    throw error;
  }
}

const white = /[ \t\n\r]*/y;
// What JSON forbids inside of strings.
// oxlint-disable-next-line no-control-regex
const plain = /[^"\\\u0000-\u001f]*/y;
const numeral = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /[\p{L}\p{N}_$.+-]+/uy;
const escapes: Record<string, string> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class Scanner {
  at = 0;
  constructor(readonly text: string) {}

  /** take returns what matches here, and moves on. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  space() {
    this.take(white);
  }

  fail(code: FaultCode, from = this.at, to = Math.min(from + 1, this.text.length), about = ""): never {
    throw new Fault(code, from, to, about);
  }

  value(depth: number): Node {
    const c = this.text[this.at];
    if ((c === "{" || c === "[") && depth === maxDepth) this.fail("deep");
    switch (c) {
      case "{":
        return this.object(depth);
      case "[":
        return this.array(depth);
      case '"':
        return this.string();
    }
    return this.literal();
  }

  object(depth: number): ObjectNode {
    const from = this.at++;
    const members: Member[] = [];
    const seen = new Set<string>();
    this.space();
    if (this.text[this.at] === "}") return { kind: "object", from, to: ++this.at, members };
    for (;;) {
      if (this.text[this.at] !== '"') this.fail("key");
      const key = this.string();
      if (seen.has(key.value)) this.fail("duplicate", key.from, key.to, key.value);
      seen.add(key.value);
      this.space();
      if (this.text[this.at] !== ":") this.fail("colon");
      this.at++;
      this.space();
      members.push({ key, value: this.value(depth + 1) });
      if (this.next("}", "commaOrBrace")) return { kind: "object", from, to: this.at, members };
    }
  }

  array(depth: number): ArrayNode {
    const from = this.at++;
    const items: Node[] = [];
    this.space();
    if (this.text[this.at] === "]") return { kind: "array", from, to: ++this.at, items };
    for (;;) {
      items.push(this.value(depth + 1));
      if (this.next("]", "commaOrBracket")) return { kind: "array", from, to: this.at, items };
    }
  }

  /** next passes a comma, or the end of an object or array, and reports whether it was the end. */
  next(end: string, code: FaultCode): boolean {
    this.space();
    const c = this.text[this.at];
    if (c === end) {
      this.at++;
      return true;
    }
    if (c !== ",") this.fail(code);
    const comma = this.at++;
    this.space();
    if (this.text[this.at] === end) this.fail("trailingComma", comma, comma + 1);
    return false;
  }

  string(): StringNode {
    const from = this.at++;
    let value = "";
    for (;;) {
      value += this.take(plain);
      const c = this.text[this.at];
      if (c === '"') return { kind: "string", from, to: ++this.at, value };
      if (c === undefined) this.fail("string", from, this.text.length);
      if (c !== "\\")
        this.fail(c === "\n" || c === "\r" ? "string" : "control", c === "\t" ? this.at : from, this.at + 1);
      value += this.escape();
    }
  }

  escape(): string {
    const from = this.at++;
    const c = this.text[this.at++];
    if (c === "u") {
      const hex = this.text.slice(this.at, this.at + 4);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.fail("escape", from, Math.min(this.at + 4, this.text.length));
      this.at += 4;
      return String.fromCharCode(parseInt(hex, 16));
    }
    return escapes[c ?? ""] ?? this.fail("escape", from, Math.min(from + 2, this.text.length));
  }

  literal(): LiteralNode {
    const from = this.at;
    const number = this.take(numeral);
    if (number !== "") {
      if (this.take(word) !== "") this.fail("number", from, this.at);
      return { kind: "number", from, to: this.at, value: number };
    }
    const text = this.take(word);
    if (text === "true" || text === "false") return { kind: "boolean", from, to: this.at, value: text };
    if (text === "null") return { kind: "null", from, to: this.at, value: text };
    if (text === "") this.fail("value", from);
    return this.fail("word", from, this.at, text);
  }
}

/** member returns the member of that key, when node is an object that has one. */
export function member(node: Node | undefined, key: string): Member | undefined {
  return node?.kind === "object" ? node.members.find((m) => m.key.value === key) : undefined;
}

/** plainValue returns what JSON.parse would. */
export function plainValue(node: Node): unknown {
  switch (node.kind) {
    case "object":
      return Object.fromEntries(node.members.map((m) => [m.key.value, plainValue(m.value)]));
    case "array":
      return node.items.map(plainValue);
    case "string":
      return node.value;
    default:
      return JSON.parse(node.value);
  }
}
