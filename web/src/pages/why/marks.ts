/** What is marked in a document: the statement that an explanation is about, and in it what the request missed. */
import type { Mismatch, StatementExplanation } from "@/aws/regent";
import { spanOf, type Mark } from "@/policy/view";

/**
 * Returns the marks of a statement in the document as it is now; undefined when what stands at its place is not what
 * was explained, for the document may have been written anew since.
 */
export function marksOf(text: string, statement: StatementExplanation): Mark[] | undefined {
  const { Index: index = -1, Line: line, Column: column } = statement;
  if (index < 0) return []; // the whole document
  const span = spanOf(text, index);
  if (!span) return undefined;
  const lines = text.slice(0, span.from).split("\n");
  if (line !== lines.length || column !== [...(lines.at(-1) ?? "")].length + 1) return undefined; // in characters
  const missed = statement.Mismatch && spanOf(text, index, pathOf(statement.Mismatch));
  return [{ statement: index }, ...(missed ? [missed] : [])];
}

const elements = { action: "Action", resource: "Resource", principal: "Principal" };

function pathOf({ Element: element, Negated: negated, Operator: operator = "", Key: key = "" }: Mismatch): string[] {
  if (element === "condition") return ["Condition", operator, key];
  return [(negated ? "Not" : "") + elements[element]];
}
