import type { PolicyKind } from "./document";

/** Quotas, by what a document is for (PL-90, PL-91, S3-79). Inline policies share one, which the caller gives. */
export const quotas: Record<PolicyKind, number> = {
  identity: 6144,
  boundary: 6144,
  trust: 2048,
  scp: 5120,
  rcp: 5120,
  resource: 20480,
  bucket: 20480,
};

/**
 * size counts a text as IAM does: without the white space that JSON ignores, blanks inside strings counted. Control
 * policies are counted as sent, bucket policies in bytes.
 */
export function size(kind: PolicyKind, text: string): number {
  if (kind === "scp" || kind === "rcp") return [...text].length;
  if (kind === "bucket") return new TextEncoder().encode(text).length;
  let n = 0;
  let quoted = false;
  let escaped = false;
  for (const c of text) {
    if (escaped) escaped = false;
    else if (quoted && c === "\\") escaped = true;
    else if (c === '"') quoted = !quoted;
    else if (!quoted && (c === " " || c === "\t" || c === "\n" || c === "\r")) continue;
    n++;
  }
  return n;
}
