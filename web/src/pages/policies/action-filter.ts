/** Finds policies by what they allow. */
import { intersects, matches } from "@/policy/model/glob";
import type { Grants } from "@/policy/catalog";

/** What is looked for: an action, a pattern of actions, or a service. */
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

/** allows reports whether statements allow some action that is looked for: Deny and what narrows them left aside. */
export function allows(grants: Grants | undefined, { pattern }: Wanted): boolean {
  if (!grants) return false;
  if ((grants.actions ?? []).some((a) => intersects(a, pattern))) return true;
  // All but some: only what is left out altogether is not allowed.
  return (grants.notActions ?? []).some((but) => !but.some((b) => covers(b, pattern)));
}

/** covers reports whether one pattern has in it all that another has; "?" in the other is taken as a letter. */
function covers(whole: string, part: string): boolean {
  return matches(whole, part);
}
