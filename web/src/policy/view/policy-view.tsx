import { useEffect, useMemo, useRef, type ReactNode } from "react";
import { CopyButton } from "@/components/copy-button";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy";
import { read } from "../model/document";
import { format } from "../model/edit";
import { trailTo, type Span } from "../model/findings";
import { member, tryParse, type Node } from "../model/json";
import "../policy.css";

/** What is marked in a document: a part of its text, or a statement by its number, from 0. */
export type Mark = Span | { statement: number };

interface Props {
  text: string;
  marks?: Mark[];
  /** What it is, for its name and that of the button that copies it. */
  label?: string;
}

/**
 * A policy to be read: as it was written, with what it is about marked. Everything of a marked span gets a mark of its
 * own; the lines of a marked statement get an edge.
 */
export function PolicyView({ text, marks = noMarks, label }: Props) {
  const m = useMessages(words);
  const name = label ?? m("document");
  const first = useRef<HTMLLIElement>(null);
  const lines = useMemo(() => {
    const shown = shownOf(text);
    return linesOf(shown, shown === text ? marks : marks.flatMap((mark) => moved(text, shown, mark) ?? []));
  }, [text, marks]);
  const start = lines.findIndex((l) => l.marked || l.parts.some((p) => p.marked));

  useEffect(() => {
    // In its own frame only: a page with several documents stays where it is.
    const line = first.current;
    const frame = line?.closest<HTMLElement>(".policy-lines");
    if (line && frame) frame.scrollTop = Math.max(0, line.offsetTop - frame.offsetTop - 48);
  }, [start, text]);

  return (
    <div className="code">
      <div className="code-copy">
        <CopyButton text={text} name={name} />
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
      <div className="policy-lines" tabIndex={0} role="region" aria-label={name}>
        <ol>
          {lines.map((line, i) => (
            <li key={i} ref={i === start ? first : undefined} className={line.marked ? "policy-marked" : undefined}>
              <span className="policy-number" aria-hidden="true">
                {i + 1}
              </span>
              <code className="policy-text">{line.parts.map(partOf)}</code>
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}

const noMarks: Mark[] = [];

/** shownOf is what a text is shown as: a document on a single line is formatted, for nobody can read it. */
function shownOf(text: string): string {
  const { node } = tryParse(text);
  return node && text.length > 100 && !text.trim().includes("\n") ? format(text, node) : text;
}

/** moved finds what is marked in the formatted text. */
function moved(text: string, shown: string, mark: Mark): Mark | undefined {
  if ("statement" in mark) return mark;
  const root = tryParse(text).node;
  let at = tryParse(shown).node;
  let span: Span | undefined = at;
  for (const step of root ? trailTo(root, mark) : []) {
    if ("member" in step) {
      const m = member(at, step.member.key.value);
      at = m?.value;
      const key = mark.to <= step.member.key.to;
      const whole = mark.from <= step.member.key.from;
      span = m && (key ? m.key : whole ? { from: m.key.from, to: m.value.to } : m.value);
    } else {
      at = at?.kind === "array" ? at.items[step.index] : undefined;
      span = at;
    }
  }
  return span && { from: span.from, to: span.to };
}

interface Part {
  text: string;
  token?: "key" | "string" | "literal";
  marked?: boolean;
}

interface Line {
  parts: Part[];
  marked: boolean;
}

function partOf(part: Part, i: number): ReactNode {
  const inner = part.token ? <span className={`policy-${part.token}`}>{part.text}</span> : part.text;
  return part.marked ? <mark key={i}>{inner}</mark> : <span key={i}>{inner}</span>;
}

/** tokensOf returns what is coloured, in order. A text that is no JSON has no colours. */
function tokensOf(node: Node | undefined): { from: number; to: number; token: NonNullable<Part["token"]> }[] {
  if (!node) return [];
  switch (node.kind) {
    case "object":
      return node.members.flatMap((m) => [{ from: m.key.from, to: m.key.to, token: "key" }, ...tokensOf(m.value)]);
    case "array":
      return node.items.flatMap(tokensOf);
    default:
      return [{ from: node.from, to: node.to, token: node.kind === "string" ? "string" : "literal" }];
  }
}

/** linesOf cuts a text into lines, and lines into parts that are of one colour and marked or not. */
export function linesOf(text: string, marks: readonly Mark[]): Line[] {
  const tokens = tokensOf(tryParse(text).node);
  const statements = marks.some((mark) => "statement" in mark) ? read(text).statements : [];
  const areas = marks.flatMap((mark) => ("statement" in mark ? (statements[mark.statement]?.node ?? []) : []));
  const spans = marks.flatMap((mark) => ("statement" in mark ? [] : mark.to > mark.from ? [mark] : []));
  const cuts = new Set([0, text.length]);
  for (const { from, to } of [...tokens, ...spans]) cuts.add(from).add(to);
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) cuts.add(at).add(at + 1);
  const at = [...cuts].filter((c) => c >= 0 && c <= text.length).toSorted((a, b) => a - b);

  const lines: Line[] = [{ parts: [], marked: false }];
  let token = 0;
  for (const [i, from] of at.entries()) {
    const to = at[i + 1];
    if (to === undefined) break;
    const piece = text.slice(from, to);
    const line = lines.at(-1)!;
    if (areas.some((a) => a.from < to && from < a.to)) line.marked = true;
    if (piece === "\n") {
      lines.push({ parts: [], marked: false });
      continue;
    }
    while (tokens[token] && tokens[token]!.to <= from) token++;
    const found = tokens[token];
    line.parts.push({
      text: piece,
      ...(found && found.from <= from && { token: found.token }),
      ...(spans.some((s) => s.from <= from && to <= s.to) && { marked: true }),
    });
  }
  return lines;
}

/** spanOf finds an element of a statement: ["Condition", "Bool", "aws:MultiFactorAuthPresent"]. */
export function spanOf(text: string, statement: number, path: readonly (string | number)[] = []): Span | undefined {
  const node = read(text).statements[statement]?.node;
  let at: Node | undefined = node;
  let span: Span | undefined = node;
  for (const step of path) {
    if (at?.kind === "object") {
      const m = at.members.find((found) => found.key.value === step);
      at = m?.value;
      span = m && { from: m.key.from, to: m.value.to };
    } else if (at?.kind === "array" && typeof step === "number") {
      at = at.items[step];
      span = at;
    } else {
      return undefined;
    }
  }
  return span && { from: span.from, to: span.to };
}
