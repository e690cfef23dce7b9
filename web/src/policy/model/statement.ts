/** Edits of a policy. Each takes a document and returns its text with that one thing changed. */
import {
  apply,
  insertItems,
  insertMember,
  Raw,
  removeItems,
  removeMember,
  render,
  replace,
  swap,
  type Value,
} from "./edit";
import {
  hasPrincipal,
  hasResource,
  isStatement,
  read,
  textOf,
  type ConditionRow,
  type Effect,
  type PolicyDocument,
  type PolicyKind,
  type PrincipalType,
  type Statement,
} from "./document";
import { member, type ArrayNode, type Member, type ObjectNode, type StringNode } from "./json";

export const currentVersion = "2012-10-17";

/** The order in which elements are written where a statement has no order of its own. */
const order = [
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];

/** before returns the elements that come before one. */
const before = (key: string) => order.slice(0, order.indexOf(key));

/** newStatement is what a new statement of a kind begins as. It allows nothing yet. */
export function newStatement(kind: PolicyKind): { [key: string]: Value } {
  return {
    Effect: "Allow",
    ...(hasPrincipal(kind) && { Principal: kind === "rcp" ? "*" : { AWS: [] } }),
    Action: kind === "trust" ? "sts:AssumeRole" : [],
    ...(hasResource(kind) && { Resource: [] }),
  };
}

/** newDocument is the text that an editor without one begins with. */
export function newDocument(...statements: Value[]): string {
  return render({ Version: currentVersion, Statement: statements }, read("{}").style, "");
}

function statementAt(d: PolicyDocument, index: number): Statement {
  const s = d.statements[index];
  if (!s || !isStatement(s)) throw new RangeError(`no statement ${index}`);
  return s;
}

/** addStatement writes a statement before the one at index, or last. */
export function addStatement(d: PolicyDocument, statement: Value, index = d.statements.length): string {
  const { text, root, list, style } = d;
  if (text.trim() === "") return newDocument(statement);
  if (!root) return text;
  const element = member(root, "Statement");
  if (!element) return apply(text, insertMember(text, root, "Statement", [statement], style));
  if (!list) return apply(text, replace(text, root, element.value, [statement], style));
  if (list.kind === "array") return apply(text, insertItems(text, list, index, [statement], style));
  // The one statement stands alone: it gets its brackets, and company on its line.
  const written = render(statement, style, null);
  const [open, close] = index === 0 ? [`[${written}${style.comma}`, "]"] : ["[", `${style.comma}${written}]`];
  return apply(text, { from: list.from, to: list.from, insert: open }, { from: list.to, to: list.to, insert: close });
}

/** removeStatement takes a statement out. */
export function removeStatement(d: PolicyDocument, index: number): string {
  if (d.list?.kind === "array") return apply(d.text, ...removeItems(d.list, [index]));
  if (!d.list || !d.root) return d.text;
  return apply(d.text, replace(d.text, d.root, d.list, [], d.style));
}

/** moveStatement exchanges two statements. */
export function moveStatement(d: PolicyDocument, index: number, to: number): string {
  return d.list?.kind === "array" ? apply(d.text, ...swap(d.text, d.list, index, to)) : d.text;
}

/** copyStatement writes a statement once more behind itself, with a Sid that is nobody else's. */
export function copyStatement(d: PolicyDocument, index: number): string {
  const s = d.statements[index];
  if (!s) return d.text;
  const copied = read(addStatement(d, new Raw(d.text.slice(s.node.from, s.node.to)), index + 1));
  const sid = isStatement(s) && s.sid.shape === "text" ? s.sid.node.value : "";
  return sid === "" ? copied.text : setSid(copied, index + 1, freeSid(d, sid));
}

/** freeSid returns a Sid that no statement has, made from one. */
export function freeSid(d: PolicyDocument, sid: string): string {
  const taken = new Set(d.statements.filter(isStatement).map((s) => (s.sid.shape === "text" ? s.sid.node.value : "")));
  const stem = sid.replace(/\d+$/, "");
  let n = 2;
  while (taken.has(`${stem}${n}`)) n++;
  return `${stem}${n}`;
}

/** setElement writes an element of a statement, or takes it out. */
export function setElement(d: PolicyDocument, index: number, key: string, value: Value | undefined): string {
  const { node } = statementAt(d, index);
  const m = member(node, key);
  if (value === undefined) return m ? apply(d.text, ...removeMember(node, m)) : d.text;
  if (!m) return apply(d.text, insertMember(d.text, node, key, value, d.style, before(key)));
  return apply(d.text, replace(d.text, node, m.value, value, d.style));
}

/** setSid names a statement, or makes it nameless. */
export const setSid = (d: PolicyDocument, index: number, sid: string) =>
  setElement(d, index, "Sid", sid === "" ? undefined : sid);

export const setEffect = (d: PolicyDocument, index: number, effect: Effect) => setElement(d, index, "Effect", effect);

export const setVersion = (d: PolicyDocument, version: string): string => {
  if (!d.root) return d.text;
  const m = member(d.root, "Version");
  return apply(
    d.text,
    m
      ? replace(d.text, d.root, m.value, version, d.style)
      : insertMember(d.text, d.root, "Version", version, d.style, []),
  );
};

const renamed = (m: Member, name: string) => ({ from: m.key.from, to: m.key.to, insert: JSON.stringify(name) });

/** setNot changes Action to NotAction, Resource to NotResource, Principal to NotPrincipal, or back, where not both stand. */
export function setNot(
  d: PolicyDocument,
  index: number,
  element: "Action" | "Resource" | "Principal",
  not: boolean,
): string {
  const { node } = statementAt(d, index);
  const [old, next] = not ? [element, `Not${element}`] : [`Not${element}`, element];
  const m = member(node, old);
  return m && !member(node, next) ? apply(d.text, renamed(m, next)) : d.text;
}

/** setValues writes the values of Action or Resource. What stays, stays as it was written. */
export function setValues(d: PolicyDocument, index: number, element: "Action" | "Resource", values: string[]): string {
  const s = statementAt(d, index);
  const list = element === "Action" ? s.action : s.resource;
  if (list.shape === "list") return setList(d, s.node, list.member, list.array, list.values, values);
  if (list.shape === "other") return d.text;
  return setElement(d, index, element, values.length === 1 ? values[0]! : values);
}

/** setList makes the strings of an element those of values. */
function setList(
  d: PolicyDocument,
  container: ObjectNode,
  m: Member,
  array: ArrayNode | undefined,
  old: readonly StringNode[],
  values: readonly string[],
): string {
  const wanted = new Set(values);
  const kept = old.filter((n) => wanted.has(n.value));
  const added = [...wanted].filter((v) => !old.some((n) => n.value === v));
  if (kept.length === old.length && added.length === 0) return d.text;
  if (!array || kept.length === 0) {
    const all = [...kept.map((n) => new Raw(d.text.slice(n.from, n.to))), ...added];
    const value = array || all.length !== 1 ? all : all[0]!;
    return apply(d.text, replace(d.text, array && old.length > 0 ? array : container, m.value, value, d.style));
  }
  const gone = old.flatMap((n, i) => (wanted.has(n.value) ? [] : [i]));
  const changes = removeItems(array, gone);
  if (added.length > 0) changes.push(insertItems(d.text, array, old.length, added, d.style));
  return apply(d.text, ...changes);
}

/** setPrincipals writes the principals of a type; none takes the type out. */
export function setPrincipals(d: PolicyDocument, index: number, type: PrincipalType, values: string[]): string {
  const s = statementAt(d, index);
  const p = s.principal;
  if (p.shape === "other") return d.text;
  if (p.shape === "absent") return setElement(d, index, "Principal", { [type]: one(values) });
  const object = p.member.value;
  if (object.kind !== "object") return apply(d.text, replace(d.text, s.node, object, { [type]: one(values) }, d.style));
  const entry = p.entries.find((e) => e.type === type);
  if (!entry) {
    return values.length === 0 ? d.text : apply(d.text, insertMember(d.text, object, type, one(values), d.style));
  }
  if (values.length === 0) return apply(d.text, ...removeMember(object, entry.member));
  return setList(d, object, entry.member, entry.array, entry.values, values);
}

/** setEverybody makes the principal "*". */
export function setEverybody(d: PolicyDocument, index: number): string {
  const { principal } = statementAt(d, index);
  return setElement(d, index, principal.shape === "principals" && principal.not ? "NotPrincipal" : "Principal", "*");
}

const one = (values: readonly string[]): Value => (values.length === 1 ? values[0]! : [...values]);

/** addCondition asks for one more thing. Values of a key that the operator has already are added to it. */
export function addCondition(
  d: PolicyDocument,
  index: number,
  operator: string,
  key: string,
  values: string[],
): string {
  const s = statementAt(d, index);
  if (s.condition.shape === "other") return d.text;
  if (s.condition.shape === "absent") return setElement(d, index, "Condition", { [operator]: { [key]: one(values) } });
  const { object, rows } = s.condition;
  const same = rows.find(
    (r) => r.operator.key.value === operator && r.key.key.value.toLowerCase() === key.toLowerCase(),
  );
  if (same) return setConditionValues(d, index, rows.indexOf(same), [...same.values.map(textOf), ...values]);
  const m = member(object, operator);
  if (m?.value.kind === "object") return apply(d.text, insertMember(d.text, m.value, key, one(values), d.style));
  return apply(d.text, insertMember(d.text, object, operator, { [key]: one(values) }, d.style));
}

function rowAt(s: Statement, row: number): ConditionRow | undefined {
  return s.condition.shape === "conditions" ? s.condition.rows[row] : undefined;
}

/** removeCondition takes a condition out, and with the last of an operator or statement what held it. */
export function removeCondition(d: PolicyDocument, index: number, row: number): string {
  const s = statementAt(d, index);
  const r = rowAt(s, row);
  if (!r || s.condition.shape !== "conditions" || r.operator.value.kind !== "object") return d.text;
  if (r.operator.value.members.length > 1) return apply(d.text, ...removeMember(r.operator.value, r.key));
  if (s.condition.object.members.length > 1) return apply(d.text, ...removeMember(s.condition.object, r.operator));
  return apply(d.text, ...removeMember(s.node, s.condition.member));
}

/** setConditionValues writes the values of a condition. */
export function setConditionValues(d: PolicyDocument, index: number, row: number, values: string[]): string {
  const r = rowAt(statementAt(d, index), row);
  if (!r || r.operator.value.kind !== "object") return d.text;
  if (r.values.every((v) => v.kind === "string")) {
    return setList(d, r.operator.value, r.key, r.array, r.values, [...new Set(values)]);
  }
  return apply(d.text, replace(d.text, r.operator.value, r.key.value, one(values), d.style));
}

/** setConditionOperator gives a condition another operator. */
export function setConditionOperator(d: PolicyDocument, index: number, row: number, operator: string): string {
  const s = statementAt(d, index);
  const r = rowAt(s, row);
  if (!r || s.condition.shape !== "conditions" || r.operator.key.value === operator) return d.text;
  const alone = r.operator.value.kind === "object" && r.operator.value.members.length === 1;
  if (alone && !member(s.condition.object, operator)) return apply(d.text, renamed(r.operator, operator));
  const added = read(addCondition(d, index, operator, r.key.key.value, r.values.map(textOf)));
  const old = rowsOf(added, index).findIndex(
    (x) => x.operator.key.value === r.operator.key.value && x.key.key.value === r.key.key.value,
  );
  return removeCondition(added, index, old);
}

const rowsOf = (d: PolicyDocument, index: number) => {
  const { condition } = statementAt(d, index);
  return condition.shape === "conditions" ? condition.rows : [];
};
