/** ARN patterns of resource types, "arn:${Partition}:s3:::${BucketName}/${ObjectName}", as forms to fill in. */
import { intersects } from "./glob";

export type Part = { text: string } | { name: string };

/** partsOf cuts a pattern into what is fixed and what is to be filled in. */
export function partsOf(pattern: string): Part[] {
  return pattern
    .split(/(\$\{[^}]*\})/)
    .filter((part) => part !== "")
    .map((part) => (part.startsWith("${") ? { name: part.slice(2, -1) } : { text: part }));
}

/** A blank of a form. A name that stands twice in a pattern is two blanks. */
export interface Blank {
  id: number;
  name: string;
}

export const blanksOf = (pattern: string): Blank[] =>
  partsOf(pattern).flatMap((part, id) => ("name" in part ? [{ id, name: part.name }] : []));

/** What blanks are filled with when nobody says otherwise. */
export const usual: Record<string, string | undefined> = { Partition: "aws" };

/** fill writes an ARN. What is not said is "*". */
export function fill(pattern: string, values: Record<number, string | undefined>): string {
  return partsOf(pattern)
    .map((part, id) => ("text" in part ? part.text : values[id]?.trim() || usual[part.name] || "*"))
    .join("");
}

/** take finds what an ARN says in the blanks of a pattern; undefined when it has another form. */
export function take(pattern: string, arn: string): Record<number, string> | undefined {
  const parts = partsOf(pattern);
  const escaped = parts.map((part, i) => {
    if ("text" in part) return part.text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    // What is last may hold anything, what is before a segment's end only what belongs to the segment.
    const next = parts[i + 1];
    const inResource = pattern.split(":").slice(0, 5).join(":").length < lengthBefore(parts, i);
    if (!next) return "(.+)";
    if ("name" in next) return "(.+?)";
    return inResource && !next.text.startsWith(":") ? "([^/]+?)" : "([^:]*?)";
  });
  const found = new RegExp(`^${escaped.join("")}$`).exec(arn);
  if (!found) return undefined;
  let group = 0;
  return Object.fromEntries(parts.flatMap((part, id) => ("name" in part ? [[id, found[++group] ?? ""]] : [])));
}

/** typeOf returns which of several types an ARN has the form of: that with the most of its own text in it. */
export function typeOf<T extends { pattern: string }>(types: readonly T[], arn: string): T | undefined {
  const fixed = (t: T) => partsOf(t.pattern).reduce((n, p) => n + ("text" in p ? p.text.length : 0), 0);
  const ordered = types.toSorted((a, b) => fixed(b) - fixed(a));
  return ordered.find((t) => take(t.pattern, arn)) ?? ordered.find((t) => ofType(t.pattern, arn));
}

const lengthBefore = (parts: Part[], index: number) =>
  parts.slice(0, index).reduce((n, p) => n + ("text" in p ? p.text.length : p.name.length + 3), 0);

/** ofType reports whether an ARN, or a pattern of ARNs, may name a resource of a type: segment by segment. */
export function ofType(pattern: string, arn: string): boolean {
  if (arn === "*") return true;
  const type = segments(pattern.replace(/\$\{[^}]*\}/g, "*"));
  const named = segments(arn.replace(/\$\{[^}]*\}/g, "*"));
  return named.length === type.length && type.every((t, i) => loosely(t, named[i] ?? ""));
}

const segments = (arn: string) => {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), parts.slice(5).join(":")];
};

/** A segment that a type leaves empty is empty in its ARNs too; policies often say "*" there. */
const loosely = (type: string, named: string) => intersects(type, named) || (type === "" && named === "*");
