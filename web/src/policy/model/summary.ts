/** What the statements of a policy say, ready to be put into words. */
import {
  isStatement,
  textOf,
  type ListElement,
  type PolicyDocument,
  type PrincipalType,
  type Statement,
} from "./document";
import { parseOperator, type Operator } from "./keys";

export interface Summary {
  /** Where the statement stands, from 0. */
  index: number;
  /** Absent: the statement has an effect that nobody knows, and none at all. */
  effect?: "Allow" | "Deny";
  sid: string;
  /** Absent in policies whose holder is meant. */
  who?: Who;
  actions?: Things;
  resources?: Things;
  conditions: SummaryCondition[];
  /** Elements that could not be read. */
  unreadable: string[];
}

export interface Who {
  not: boolean;
  everybody: boolean;
  entries: { type: PrincipalType; value: string }[];
}

export interface Things {
  /** All but these. */
  not: boolean;
  /** "*" is among them. */
  all: boolean;
  values: string[];
}

export interface SummaryCondition {
  operator: Operator;
  key: string;
  values: string[];
}

const thingsOf = (list: ListElement): Things | undefined =>
  list.shape === "list"
    ? { not: list.not, all: list.values.some((v) => v.value === "*"), values: list.values.map((v) => v.value) }
    : undefined;

/** summarize says what each statement says: what is denied first, for it beats what is allowed. */
export function summarize(d: PolicyDocument): Summary[] {
  const rank = (s: Summary) => (s.effect === "Deny" ? 0 : 1);
  return d.statements
    .filter(isStatement)
    .map(summaryOf)
    .toSorted((a, b) => rank(a) - rank(b) || a.index - b.index);
}

function summaryOf(s: Statement): Summary {
  const others = [s.sid, s.effect, s.principal, s.action, s.resource, s.condition].flatMap((e) =>
    e.shape === "other" ? e.members : [],
  );
  return {
    index: s.index,
    effect: s.effect.shape === "text" ? (s.effect.node.value as "Allow" | "Deny") : undefined,
    sid: s.sid.shape === "text" ? s.sid.node.value : "",
    who:
      s.principal.shape === "principals"
        ? {
            not: s.principal.not,
            everybody:
              s.principal.everybody ||
              s.principal.entries.some((e) => e.type === "AWS" && e.values.some((v) => v.value === "*")),
            entries: s.principal.entries.flatMap((e) => e.values.map((v) => ({ type: e.type, value: v.value }))),
          }
        : undefined,
    actions: thingsOf(s.action),
    resources: thingsOf(s.resource),
    conditions:
      s.condition.shape === "conditions"
        ? s.condition.rows.map((r) => ({
            operator: parseOperator(r.operator.key.value),
            key: r.key.key.value,
            values: r.values.map(textOf),
          }))
        : [],
    unreadable: [...others, ...s.unknown].map((m) => m.key.value),
  };
}

/** byService groups patterns of actions by the service that they name; "" is of those that name none. */
export function byService(patterns: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const pattern of patterns) {
    const colon = pattern.indexOf(":");
    const prefix = colon > 0 ? pattern.slice(0, colon).toLowerCase() : "";
    groups.set(prefix, [...(groups.get(prefix) ?? []), pattern]);
  }
  return groups;
}
