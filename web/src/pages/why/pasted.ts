/** What people paste when they ask why: a request id, an error text with one in it, or an encoded message. */

export type Asked = { requestId: string } | { encoded: string };

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
/** S3's request ids are sixteen capital letters and digits. */
const s3 = /(?:^|request\s*id:?\s*|<RequestId>)([0-9A-Z]{16})\b/i;
/** What says before an encoded message that it is one: it knows more than the id beside it, in other accounts too. */
const named = /message[:=]?\s+([A-Za-z0-9_-]{80,}={0,2})/i;
/** Encoded messages are long, and of these characters alone. */
const encoded = /[A-Za-z0-9_-]{80,}={0,2}/;

/** Finds what to ask about in a pasted text; undefined when there is nothing in it. */
export function readPasted(text: string): Asked | undefined {
  const trimmed = text.trim();
  const said = named.exec(trimmed)?.[1];
  if (said !== undefined) return { encoded: said };
  const id = uuid.exec(trimmed)?.[0];
  if (id !== undefined) return { requestId: id.toLowerCase() };
  const message = encoded.exec(trimmed)?.[0];
  if (message !== undefined) return { encoded: message };
  const short = s3.exec(trimmed)?.[1];
  return short === undefined ? undefined : { requestId: short.toUpperCase() };
}
