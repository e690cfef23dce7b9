import { format } from "@/policy/model/edit";
import { tryParse } from "@/policy/model/json";

/** A document to be read: one that stands on a single line, as programs write them, is broken into lines. */
export function formatted(text: string): string {
  const { node, fault } = tryParse(text);
  return fault || text.includes("\n") ? text : format(text, node);
}
