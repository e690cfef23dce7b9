/** The other side of sts:AssumeRole in an identity policy: whether the roles that it names trust the account. */
import type { TrustEdge } from "@/aws/regent";
import { parseArn } from "./arn";
import type { Party, Requirement, TrustStatement } from "./trust";

/** A role that a policy's Allow statements name. */
export interface NamedRole {
  arn: string;
  /** Keys of conditions that the statement itself has. */
  conditions: string[];
}

/** Returns the roles that a policy lets its holders assume, each ARN once. */
export function rolesNamed(document: string): NamedRole[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    return [];
  }
  const found = new Map<string, NamedRole>();
  for (const s of listOf((parsed as { Statement?: unknown } | null)?.Statement)) {
    if (typeof s !== "object" || s === null) continue;
    const { Effect, Action, Resource, Condition } = s as Record<string, unknown>;
    if (Effect !== "Allow") continue;
    // A policy that allows everything names no role: it is about more than roles.
    if (!listOf(Action).some((a) => /^sts:assumerole\*?$|^sts:\*$/i.test(String(a)))) continue;
    const conditions = Object.values((Condition ?? {}) as Record<string, object>).flatMap((keys) => Object.keys(keys));
    for (const arn of listOf(Resource)) {
      if (typeof arn === "string" && !found.has(arn)) found.set(arn, { arn, conditions });
    }
  }
  return [...found.values()];
}

export interface RoleOfArn {
  account: string;
  /** Its name, without the path. */
  name: string;
}

/** Takes the ARN of one role apart; undefined for a pattern, and for what is no role. */
export function roleOf(arn: string): RoleOfArn | undefined {
  const parsed = parseArn(arn);
  if (!parsed || parsed.service !== "iam" || /[*?$]/.test(arn)) return undefined;
  const name = /^role\/(?:.*\/)?([^/]+)$/.exec(parsed.resource)?.[1];
  return name === undefined ? undefined : { account: parsed.account, name };
}

/** Whether a pattern covers roles of accounts that nobody thought of. */
export const isAnyAccount = (arn: string) => /^(\*|arn:[^:]*:iam::[^:]*[*?][^:]*:)/.test(arn);

export type Verdict =
  /** Everybody of the account is let in whom their own account allows; some only, where only is not empty. */
  | { kind: "trusts"; needs: Requirement[]; only: Party[] }
  /** The trust policy does not name the account. */
  | { kind: "refuses"; parties: Party[] }
  /** It does, and something of that side refuses all the same. */
  | { kind: "blocked"; by: string };

/**
 * Judges a role's trust policy as the people of an account meet it. Edges, where they could be asked for, say whether
 * something that the document does not show refuses: an SCP, a Deny.
 */
export function verdictOf(trust: TrustStatement[], account: string, edges: TrustEdge[] | undefined): Verdict {
  const allowing = trust.filter((s) => s.allow && s.assumes);
  const whole = allowing.filter((s) => lets(s, account));
  const some = allowing.filter((s) => !s.but && s.parties.some((p) => p.account === account));
  if (whole.length === 0 && some.length === 0) {
    return { kind: "refuses", parties: allowing.flatMap((s) => s.parties) };
  }
  const ours = (edges ?? []).filter(
    (e) => e.PrincipalType === "EVERYONE" || accountOf(e.Principal) === account || accountOf(e.Through) === account,
  );
  if (ours.length > 0 && ours.every((e) => e.Status === "BLOCKED" && e.BlockedBy !== "identity")) {
    return { kind: "blocked", by: ours.find((e) => e.BlockedBy !== undefined)?.BlockedBy ?? "" };
  }
  if (whole.length === 0) {
    const only = some.flatMap((s) => s.parties.filter((p) => p.account === account));
    return { kind: "trusts", needs: leastOf(some), only };
  }
  return { kind: "trusts", needs: leastOf(whole), only: [] };
}

const lets = (s: TrustStatement, account: string) =>
  s.but
    ? !s.parties.some((p) => p.kind === "account" && p.account === account)
    : s.parties.some((p) => p.kind === "everyone" || (p.kind === "account" && p.account === account));

/** Of several ways in, the one that asks for least. */
const leastOf = (statements: TrustStatement[]) =>
  statements.map((s) => s.requirements).toSorted((a, b) => a.length - b.length)[0] ?? [];

const accountOf = (principal: string | undefined) => /\d{12}/.exec(principal ?? "")?.[0];

const listOf = (v: unknown): unknown[] => (Array.isArray(v) ? v : v === undefined ? [] : [v]);
