/** What Access Analyzer says of a document, with its places as the editor counts them. */
import { member, type Node, type ObjectNode, type ArrayNode, type Member } from "./json";

export type Severity = "error" | "security" | "warning" | "suggestion";

export interface Span {
  from: number;
  to: number;
}

export interface Finding {
  /** MISSING_VERSION */
  code: string;
  severity: Severity;
  details: string;
  /** AWS's page about it. */
  learnMore: string;
  spans: Span[];
}

/** A finding as ValidatePolicy answers it. */
interface Answered {
  findingDetails?: string;
  findingType?: string;
  issueCode?: string;
  learnMoreLink?: string;
  locations?: { span?: { start?: { offset?: number }; end?: { offset?: number } } }[];
}

const severities: Record<string, Severity | undefined> = {
  ERROR: "error",
  SECURITY_WARNING: "security",
  WARNING: "warning",
};

/** findingsOf reads an answer about a text. */
export function findingsOf(text: string, answers: readonly Answered[]): Finding[] {
  const place = placesOf(text);
  return answers.map((a) => ({
    code: a.issueCode ?? "",
    // What is new to us is no reason to keep anybody from saving.
    severity: severities[a.findingType ?? ""] ?? "suggestion",
    details: a.findingDetails ?? "",
    learnMore: a.learnMoreLink?.startsWith("https://") ? a.learnMoreLink : "",
    spans: (a.locations ?? []).map(({ span }) => ({
      from: place(span?.start?.offset ?? 0),
      to: place(span?.end?.offset ?? 0),
    })),
  }));
}

/** placesOf returns what turns a count of characters (LI-23) into one of UTF-16 units. */
function placesOf(text: string): (characters: number) => number {
  if (!/[\ud800-\udbff]/.test(text)) return (n) => Math.min(n, text.length);
  const starts: number[] = [];
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) starts.push(at);
  return (n) => starts[n] ?? text.length;
}

/** A step from the root of a document towards a place. */
export type Step =
  { container: ObjectNode; member: Member; value: Node } | { container: ArrayNode; index: number; value: Node };

/** trailTo returns the steps to the smallest value, or member, that holds a span. */
export function trailTo(root: Node, span: Span): Step[] {
  const holds = (from: number, to: number) => from <= span.from && span.to <= to;
  const trail: Step[] = [];
  let node = root;
  for (;;) {
    let step: Step | undefined;
    if (node.kind === "object") {
      const m = node.members.find((m) => holds(m.key.from, m.value.to));
      if (m) step = { container: node, member: m, value: m.value };
    } else if (node.kind === "array") {
      const index = node.items.findIndex((item) => holds(item.from, item.to));
      const item = node.items[index];
      if (item) step = { container: node, index, value: item };
    }
    if (!step) return trail;
    trail.push(step);
    if (!holds(step.value.from, step.value.to)) return trail;
    node = step.value;
  }
}

/** statementOf returns the number of the statement that a span stands in. */
export function statementOf(root: Node, span: Span): number | undefined {
  const element = member(root, "Statement")?.value;
  if (!element || span.from < element.from || span.to > element.to) return undefined;
  if (element.kind !== "array") return element.kind === "object" ? 0 : undefined;
  const index = element.items.findIndex((item) => item.from <= span.from && span.to <= item.to);
  return index < 0 ? undefined : index;
}

/** lineOf returns the number of the line of a place, from 1. */
export const lineOf = (text: string, at: number) => text.slice(0, at).split("\n").length;

/** offsetOf returns the offset of a place that is told by line and column, both from 1. */
export function offsetOf(text: string, line: number, column: number): number {
  let from = 0;
  for (let i = 1; i < line; i++) {
    const next = text.indexOf("\n", from);
    if (next < 0) break;
    from = next + 1;
  }
  return Math.min(from + Math.max(0, column - 1), text.length);
}
