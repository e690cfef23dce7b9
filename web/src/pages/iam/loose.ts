/** Roles that let in whoever comes: what the dashboard warns of. */
import { readTrust } from "@/components/trust";

/**
 * Whether a trust policy lets everybody, or all of another account, assume the role and asks for nothing more. It is
 * about what the document says; whether it is meant is for people to judge.
 */
export function isLoose(document: string, own: string): boolean {
  return (readTrust(document) ?? []).some((statement) => {
    if (!statement.allow || !statement.assumes || statement.requirements.length > 0) return false;
    if (statement.but) return true;
    return statement.parties.some((p) => p.kind === "everyone" || (p.kind === "account" && p.account !== own));
  });
}

/** So many names an address has room for. */
const mostNamed = 50;

/** The list of roles, filtered to these. */
export function rolesFilter(names: string[]): string {
  const query = new URLSearchParams(names.slice(0, mostNamed).map((name) => ["f", `name=${name}`]));
  if (names.length > 1) query.set("join", "or");
  return `/iam/roles?${query}`;
}
