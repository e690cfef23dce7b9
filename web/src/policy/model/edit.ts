/**
 * Edits of a JSON text that leave alone what they are not about: white space, the order of keys, how strings are
 * escaped. What is new is written as its neighbours are.
 */
import type { ArrayNode, Member, Node, ObjectNode } from "./json";

/** Text that is JSON already and is written as it is. */
export class Raw {
  constructor(readonly text: string) {}
}

/** A value to be written. Objects are written in the order of their keys. */
export type Value = string | number | boolean | null | Raw | Value[] | { [key: string]: Value };

/** A replacement of a part of a text. */
export interface Change {
  from: number;
  to: number;
  insert: string;
}

/** apply makes changes, which do not overlap and whose places are all those of the old text. */
export function apply(text: string, ...changes: Change[]): string {
  let out = "";
  let at = 0;
  for (const c of changes.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (c.from < at) throw new RangeError("changes overlap");
    out += text.slice(at, c.from) + c.insert;
    at = c.to;
  }
  return out + text.slice(at);
}

/** change returns the smallest single change that makes one text of another; none when they are the same. */
export function change(before: string, after: string): Change | undefined {
  if (before === after) return undefined;
  const shorter = Math.min(before.length, after.length);
  let from = 0;
  while (from < shorter && before[from] === after[from]) from++;
  let same = 0;
  while (same < shorter - from && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  return { from, to: before.length - same, insert: after.slice(from, after.length - same) };
}

/** How a text is written. */
export interface Style {
  /** One level. Null: everything stands on one line. */
  indent: string | null;
  newline: string;
  colon: string;
  comma: string;
}

/** How a text is written that has nothing to go by. */
export const defaultStyle: Style = { indent: "  ", newline: "\n", colon: ": ", comma: ", " };

/** styleOf finds out how a text is written. */
export function styleOf(text: string, root: Node): Style {
  const first = root.kind === "object" ? root.members[0]?.key : root.kind === "array" ? root.items[0] : undefined;
  const style = { ...defaultStyle, newline: text.includes("\r\n") ? "\r\n" : "\n" };
  const lead = first ? text.slice(root.from + 1, first.from) : undefined;
  if (lead !== undefined && !lead.includes("\n")) style.indent = null;
  if (lead?.includes("\n")) {
    const own = lineIndent(text, root.from);
    const level = lead.slice(lead.lastIndexOf("\n") + 1);
    style.indent = level.startsWith(own) ? level.slice(own.length) : level;
  }
  const member = root.kind === "object" ? root.members[0] : undefined;
  if (member && !/[\r\n]/.test(text.slice(member.key.to, member.value.from))) {
    style.colon = text.slice(member.key.to, member.value.from);
    // Compact text has a blank after neither.
    if (style.colon === ":") style.comma = ",";
  }
  return style;
}

/** lineIndent returns the white space with which the line of a place begins. */
function lineIndent(text: string, at: number): string {
  const line = text.lastIndexOf("\n", at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(line, at))?.[0] ?? "";
}

/** render writes a value. The indentation is that of the line it begins on; null writes it on one line. */
export function render(value: Value, style: Style, indentation: string | null): string {
  if (value instanceof Raw) return value.text;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const list = Array.isArray(value);
  const [open, close] = list ? "[]" : "{}";
  const below = indentation === null || style.indent === null ? null : indentation + style.indent;
  const children = list
    ? value.map((v) => render(v, style, below))
    : Object.entries(value).map(([k, v]) => JSON.stringify(k) + style.colon + render(v, style, below));
  if (children.length === 0) return `${open}${close}`;
  if (below === null) return open + children.join(style.comma) + close;
  const line = style.newline + below;
  return open + line + children.join("," + line) + style.newline + indentation + close;
}

type Container = ArrayNode | ObjectNode;

const childrenOf = (c: Container) =>
  c.kind === "array" ? c.items : c.members.map((m) => ({ from: m.key.from, to: m.value.to }));

/** insert writes new children of a container before the child at index, or last. */
function insert(
  text: string,
  container: Container,
  index: number,
  style: Style,
  write: (indentation: string | null) => string[],
): Change {
  const children = childrenOf(container);
  const [first, second] = children;
  if (!first) {
    const own = lineIndent(text, container.from);
    const below = style.indent === null ? null : own + style.indent;
    const written = write(below);
    const lines = below === null ? written.join(style.comma) : written.map((w) => style.newline + below + w).join(",");
    const end = below === null ? "" : style.newline + own;
    return { from: container.from + 1, to: container.to - 1, insert: lines + end };
  }
  const lead = text.slice(container.from + 1, first.from);
  const line = lead.lastIndexOf("\n");
  const indentation = line < 0 ? null : lead.slice(line + 1);
  const between = second ? text.slice(first.to, second.from) : "\n";
  const separator =
    indentation !== null ? "," + style.newline + indentation : between.includes("\n") ? style.comma : between;
  const written = write(indentation);
  const next = children[index];
  const last = children.at(-1) ?? first;
  return next
    ? { from: next.from, to: next.from, insert: written.map((w) => w + separator).join("") }
    : { from: last.to, to: last.to, insert: written.map((w) => separator + w).join("") };
}

/** insertItems writes new items of an array before the one at index, or last. */
export function insertItems(text: string, array: ArrayNode, index: number, values: Value[], style: Style): Change {
  return insert(text, array, index, style, (indentation) => values.map((v) => render(v, style, indentation)));
}

/** insertMember writes a new member of an object behind the last of the keys in after that it has, or first. */
export function insertMember(
  text: string,
  object: ObjectNode,
  key: string,
  value: Value,
  style: Style,
  after: readonly string[] = object.members.map((m) => m.key.value),
): Change {
  const index = object.members.findLastIndex((m) => after.includes(m.key.value)) + 1;
  return insert(text, object, index, style, (indentation) => [
    JSON.stringify(key) + style.colon + render(value, style, indentation),
  ]);
}

/** remove takes children out of a container, with the commas that stood between. */
function remove(container: Container, gone: (index: number) => boolean): Change[] {
  const children = childrenOf(container);
  const changes: Change[] = [];
  for (let i = 0; i < children.length; i++) {
    if (!gone(i)) continue;
    const start = i;
    while (i + 1 < children.length && gone(i + 1)) i++;
    const next = children[i + 1];
    const before = children[start - 1];
    if (next) changes.push({ from: children[start]!.from, to: next.from, insert: "" });
    else if (before) changes.push({ from: before.to, to: children[i]!.to, insert: "" });
    else changes.push({ from: container.from + 1, to: container.to - 1, insert: "" });
  }
  return changes;
}

/** removeItems takes the items at the indexes out of an array. */
export function removeItems(array: ArrayNode, indexes: Iterable<number>): Change[] {
  const gone = new Set(indexes);
  return remove(array, (i) => gone.has(i));
}

/** removeMember takes a member out of an object. */
export function removeMember(object: ObjectNode, gone: Member): Change[] {
  return remove(object, (i) => object.members[i] === gone);
}

/** styleIn is the style of what stands in a container: on one line where the container itself is on one line. */
export function styleIn(text: string, container: Container, style: Style): Style {
  const first = childrenOf(container)[0];
  const lead = first && text.slice(container.from + 1, first.from);
  return lead === undefined || lead.includes("\n") ? style : { ...style, indent: null };
}

/** replace writes another value in the place of one that stands in a container. */
export function replace(text: string, container: Container, node: Node, value: Value, style: Style): Change {
  const insert = render(value, styleIn(text, container, style), lineIndent(text, node.from));
  return { from: node.from, to: node.to, insert };
}

/** swap exchanges two items of an array. */
export function swap(text: string, array: ArrayNode, one: number, other: number): Change[] {
  const a = array.items[one];
  const b = array.items[other];
  if (!a || !b || a === b) return [];
  return [
    { from: a.from, to: a.to, insert: text.slice(b.from, b.to) },
    { from: b.from, to: b.to, insert: text.slice(a.from, a.to) },
  ];
}

/** format writes a text anew, two blanks a level. Keys, strings and numbers stay as they were written. */
export function format(text: string, root: Node, style: Style = defaultStyle): string {
  const write = (node: Node, indentation: string): string => {
    if (node.kind !== "object" && node.kind !== "array") return text.slice(node.from, node.to);
    const [open, close] = node.kind === "array" ? "[]" : "{}";
    const below = indentation + (style.indent ?? "");
    const children =
      node.kind === "array"
        ? node.items.map((item) => write(item, below))
        : node.members.map((m) => text.slice(m.key.from, m.key.to) + style.colon + write(m.value, below));
    if (children.length === 0) return `${open}${close}`;
    const line = style.newline + below;
    return open + line + children.join("," + line) + style.newline + indentation + close;
  };
  return write(root, "");
}
