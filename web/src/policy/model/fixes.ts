/** What is to be done about a finding, where that is plain. */
import { isStatement, read, type ConditionRow, type PolicyDocument, type Statement } from "./document";
import { apply, removeItems, removeMember, replace, type Change } from "./edit";
import { statementOf, trailTo, type Finding, type Step } from "./findings";
import { formatOperator, parseOperator } from "./keys";
import {
  currentVersion,
  freeSid,
  removeCondition,
  removeStatement,
  setConditionOperator,
  setConditionValues,
  setSid,
  setVersion,
} from "./statement";

/** What a fix does, in the words of the messages of the same names. */
export type FixName = "addVersion" | "setVersion" | "replace" | "remove" | "rename" | "operator";

export interface Fix {
  name: FixName;
  /** What is written in place of what was. */
  value: string;
  /** The text with it done. */
  text: string;
}

/** fixOf returns how to mend a finding of a text; undefined where there is more than one way, or none is known. */
export function fixOf(text: string, finding: Finding): Fix | undefined {
  const d = read(text);
  if (!d.root) return undefined;
  const fix = mend(d, finding);
  // A fix that does nothing is none.
  return fix && fix.text !== text ? fix : undefined;
}

const suggested = /Did you mean ([^?\s]+)\?/;

function mend(d: PolicyDocument, finding: Finding): Fix | undefined {
  switch (finding.code) {
    case "MISSING_VERSION":
      return { name: "addVersion", value: currentVersion, text: setVersion(d, currentVersion) };
    case "INVALID_VERSION":
    case "VARIABLE_UNSUPPORTED_IN_VERSION":
      return { name: "setVersion", value: currentVersion, text: setVersion(d, currentVersion) };
    case "INVALID_ACTION": {
      const meant = suggested.exec(finding.details)?.[1];
      return meant ? replaced(d, finding, () => meant) : removed(d, finding);
    }
    case "INVALID_SERVICE_IN_ACTION": {
      const meant = suggested.exec(finding.details)?.[1];
      return meant ? replaced(d, finding, (old) => `${meant}${old.slice(old.indexOf(":"))}`) : removed(d, finding);
    }
    case "INVALID_EFFECT":
      return replaced(d, finding, (old) => ["Allow", "Deny"].find((e) => e.toLowerCase() === old.trim().toLowerCase()));
    case "INVALID_ARN_SERVICE_CASE":
      return replaced(d, finding, (old) =>
        old
          .split(":")
          .map((part, i) => (i === 2 ? part.toLowerCase() : part))
          .join(":"),
      );
    case "IMPROVE_IP_RANGE": {
      const better = /Replace address with (\S+?)\.?$/.exec(finding.details)?.[1];
      return better ? replaced(d, finding, () => better) : undefined;
    }
    case "INVALID_POLICY_ELEMENT":
      return renamedElement(d, finding);
    case "EMPTY_SID_VALUE":
    case "UNSUPPORTED_PRINCIPAL":
    case "SCP_SYNTAX_ERROR_PRINCIPAL":
    case "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE":
    case "REDUNDANT_ACTION":
    case "REDUNDANT_RESOURCE":
    case "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY":
      return removed(d, finding);
    case "EMPTY_OBJECT_CONDITION":
      return removedCondition(d, finding);
    case "EMPTY_ARRAY_CONDITION":
    case "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION":
      return withRow(d, finding, (index, row) => ({ name: "remove", value: "", text: removeCondition(d, index, row) }));
    case "REDUNDANT_STATEMENT":
      return removedStatement(d, finding);
    case "UNSUPPORTED_SID":
      return resid(d, finding.spans[0]?.from, (old) => old.replace(/[^A-Za-z0-9]/g, ""));
    case "UNIQUE_SIDS_REQUIRED":
    case "UNIQUE_SIDS_RECOMMENDED":
      return resid(d, finding.spans.at(-1)?.from, (old) => freeSid(d, old));
    case "FORALLVALUES_WITH_SINGLE_VALUED_KEY":
    case "FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE":
    case "CONFIRM_AUDIENCE_CLAIM_TYPE":
      return operator(d, finding, (o) => formatOperator({ ...parseOperator(o), quantifier: "" }));
    case "TYPE_MISMATCH":
    case "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS":
      return operator(d, finding, (o) => ofType(o, /operator type (\w+) instead/.exec(finding.details)?.[1] ?? ""));
    case "WILDCARD_WITHOUT_LIKE_OPERATOR":
      return operator(d, finding, (o) => o.replace(/(String(?:Not)?)Equals(?=$|IfExists$)/, "$1Like"));
    case "NULL_WITH_IF_EXISTS":
    case "INVALID_CONDITION_OPERATOR":
      return renamedOperator(d, finding);
    case "EQUIVALENT_TO_NULL_FALSE":
      return asNull(d, finding, "false");
    case "EQUIVALENT_TO_NULL_TRUE":
      return asNull(d, finding, "true");
  }
  return undefined;
}

/** stepAt is the last step to where a finding is. */
function stepAt(d: PolicyDocument, finding: Finding, n = 0): Step | undefined {
  const span = finding.spans[n];
  return d.root && span ? trailTo(d.root, span).at(-1) : undefined;
}

/** replaced writes another string in the place of one. */
function replaced(d: PolicyDocument, finding: Finding, by: (old: string) => string | undefined): Fix | undefined {
  const step = stepAt(d, finding);
  if (step?.value.kind !== "string") return undefined;
  const value = by(step.value.value);
  if (value === undefined) return undefined;
  return { name: "replace", value, text: apply(d.text, replace(d.text, step.container, step.value, value, d.style)) };
}

/** removed takes out all values that a finding is about. */
function removed(d: PolicyDocument, finding: Finding): Fix | undefined {
  const changes: Change[] = [];
  const items = new Map<Extract<Step, { index: number }>["container"], number[]>();
  for (let n = 0; n < finding.spans.length; n++) {
    const step = stepAt(d, finding, n);
    if (!step) return undefined;
    if ("member" in step) changes.push(...removeMember(step.container, step.member));
    else items.set(step.container, [...(items.get(step.container) ?? []), step.index]);
  }
  for (const [array, indexes] of items) {
    // An element with nothing left in it says something else.
    if (indexes.length >= array.items.length) return undefined;
    changes.push(...removeItems(array, indexes));
  }
  return { name: "remove", value: "", text: apply(d.text, ...changes) };
}

/** removedCondition takes out what is empty, and with the last operator what held it. */
function removedCondition(d: PolicyDocument, finding: Finding): Fix | undefined {
  const span = finding.spans[0];
  const trail = d.root && span ? trailTo(d.root, span) : [];
  const step = trail.findLast(
    (s) => !("member" in s) || s.container.members.length > 1 || s.member.key.value === "Condition",
  );
  if (!step || !("member" in step)) return undefined;
  return { name: "remove", value: "", text: apply(d.text, ...removeMember(step.container, step.member)) };
}

/** removedStatement leaves the first of several statements that say the same. */
function removedStatement(d: PolicyDocument, finding: Finding): Fix | undefined {
  if (!d.root) return undefined;
  const root = d.root;
  const indexes = finding.spans.slice(1).map((span) => statementOf(root, span));
  let now = d;
  for (const index of indexes.toSorted((a, b) => (b ?? 0) - (a ?? 0))) {
    if (index === undefined) return undefined;
    now = read(removeStatement(now, index));
  }
  return { name: "remove", value: "", text: now.text };
}

/** resid gives the statement whose Sid stands at a place another one. */
function resid(d: PolicyDocument, at: number | undefined, by: (old: string) => string): Fix | undefined {
  const s = d.statements
    .filter(isStatement)
    .find((s) => at !== undefined && s.node.from <= at && at < s.node.to && s.sid.shape === "text");
  if (s?.sid.shape !== "text") return undefined;
  let value = by(s.sid.node.value);
  const others = d.statements.filter(isStatement).filter((o) => o !== s);
  if (value !== "" && others.some((o) => o.sid.shape === "text" && o.sid.node.value === value))
    value = freeSid(d, value);
  return { name: "rename", value, text: setSid(d, s.index, value) };
}

/** withRow finds the condition that a finding is about. */
function withRow(
  d: PolicyDocument,
  finding: Finding,
  fix: (index: number, row: number, found: ConditionRow) => Fix | undefined,
): Fix | undefined {
  const span = finding.spans[0];
  const index = d.root && span && statementOf(d.root, span);
  if (index === undefined || !span) return undefined;
  const s = d.statements[index] as Statement;
  if (s.condition?.shape !== "conditions") return undefined;
  const row = s.condition.rows.findIndex((r) => r.key.key.from <= span.from && span.to <= r.key.value.to);
  const found = s.condition.rows[row];
  return found ? fix(index, row, found) : undefined;
}

/** operator gives the condition that a finding is about another operator. */
function operator(d: PolicyDocument, finding: Finding, by: (old: string) => string | undefined): Fix | undefined {
  return withRow(d, finding, (index, row, found) => {
    const value = by(found.operator.key.value);
    if (!value || value === found.operator.key.value) return undefined;
    return { name: "operator", value, text: setConditionOperator(d, index, row, value) };
  });
}

/** asNull asks for the presence of a key in place of a value that anything matches. */
function asNull(d: PolicyDocument, finding: Finding, value: string): Fix | undefined {
  return withRow(d, finding, (index, row, found) => {
    const key = found.key.key.value;
    const now = read(setConditionOperator(d, index, row, "Null"));
    const s = now.statements[index] as Statement;
    if (s.condition.shape !== "conditions") return undefined;
    const at = s.condition.rows.findIndex((r) => r.operator.key.value === "Null" && r.key.key.value === key);
    return { name: "operator", value: `Null ${value}`, text: setConditionValues(now, index, at, [value]) };
  });
}

/** ofType returns the operator of another type that compares in the same way; undefined when the type has none. */
function ofType(old: string, wanted: string): string | undefined {
  const o = parseOperator(old);
  const not = o.name.includes("Not") ? "Not" : "";
  const comparison = /(LessThanEquals|LessThan|GreaterThanEquals|GreaterThan)$/.exec(o.name)?.[0];
  const equals = `${not}Equals`;
  const like = `${not}Like`;
  const names: Record<string, string | undefined> = {
    String: comparison ? undefined : o.name.endsWith("Like") ? `String${like}` : `String${equals}`,
    ARN: `Arn${like}`,
    Arn: `Arn${like}`,
    Bool: not || comparison ? undefined : "Bool",
    Boolean: not || comparison ? undefined : "Bool",
    Numeric: `Numeric${comparison ?? equals}`,
    Date: `Date${comparison ?? equals}`,
    IpAddress: comparison ? undefined : `${not}IpAddress`,
    IPAddress: comparison ? undefined : `${not}IpAddress`,
  };
  const name = /^Arn(Not)?(Like|Equals)$/.test(wanted) ? wanted : names[wanted];
  return name && formatOperator({ ...o, name });
}

const elements = {
  root: ["Version", "Id", "Statement"],
  statement: [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
  ],
};

/** renamedElement spells an element rightly. */
function renamedElement(d: PolicyDocument, finding: Finding): Fix | undefined {
  const step = stepAt(d, finding);
  if (!step || !("member" in step)) return undefined;
  const names = step.container === d.root ? elements.root : elements.statement;
  const there = new Set(step.container.members.map((m) => m.key.value));
  const value = closest(
    step.member.key.value,
    names.filter((n) => !there.has(n)),
  );
  return value ? renamed(d, step.member.key.from, step.member.key.to, value) : undefined;
}

function renamed(d: PolicyDocument, from: number, to: number, value: string): Fix {
  return { name: "replace", value, text: apply(d.text, { from, to, insert: JSON.stringify(value) }) };
}

const operatorNames = [
  "StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike",
  "NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan NumericGreaterThanEquals",
  "DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan DateGreaterThanEquals",
  "Bool BinaryEquals IpAddress NotIpAddress ArnEquals ArnLike ArnNotEquals ArnNotLike Null",
].flatMap((line) => line.split(" "));

/** renamedOperator spells an operator rightly. */
function renamedOperator(d: PolicyDocument, finding: Finding): Fix | undefined {
  const step = stepAt(d, finding);
  if (!step || !("member" in step)) return undefined;
  const o = parseOperator(step.member.key.value);
  const name = closest(o.name, operatorNames);
  const value = name && formatOperator({ ...o, name });
  const taken = step.container.members.some((m) => m !== step.member && m.key.value === value);
  return value && !taken ? renamed(d, step.member.key.from, step.member.key.to, value) : undefined;
}

/** closest returns the name that differs from a text by at most two letters; undefined when several do equally. */
export function closest(text: string, names: readonly string[]): string | undefined {
  const near = names
    .map((name) => ({ name, distance: distance(text.toLowerCase(), name.toLowerCase()) }))
    .filter((n) => n.distance <= 2)
    .toSorted((a, b) => a.distance - b.distance);
  return near[0] && near[0].distance !== near[1]?.distance ? near[0].name : undefined;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
