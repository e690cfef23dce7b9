/** What policies are looked for by: an action, a pattern of actions, or a service. */
export interface Wanted {
  /** Of the service, in lower case. */
  prefix: string;
  pattern: string;
}

/** wantedOf reads what somebody typed: "s3:PutObject", "s3:Put*", "s3". */
export function wantedOf(text: string): Wanted | undefined {
  const found = /^([a-z0-9-]+)(?::([a-z0-9*?]*))?$/i.exec(text.trim());
  if (!found?.[1]) return undefined;
  const prefix = found[1].toLowerCase();
  return { prefix, pattern: `${prefix}:${found[2] || "*"}` };
}
