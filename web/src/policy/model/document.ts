/**
 * A policy document as the visual editor sees it: a view onto the text, which stays the truth. What the view has no
 * place for is "other" and can only be edited as text.
 */
import {
  member,
  tryParse,
  type ArrayNode,
  type Fault,
  type Member,
  type Node,
  type ObjectNode,
  type StringNode,
} from "./json";
import { defaultStyle, styleOf, type Style } from "./edit";

/** What a document is for. It decides which elements it has and how it is counted. */
export type PolicyKind = "identity" | "trust" | "boundary" | "scp" | "rcp" | "resource" | "bucket";

/** hasPrincipal reports whether statements of a kind name principals. */
export const hasPrincipal = (kind: PolicyKind) =>
  kind === "trust" || kind === "rcp" || kind === "resource" || kind === "bucket";

/** hasResource reports whether statements of a kind name resources. */
export const hasResource = (kind: PolicyKind) => kind !== "trust";

export type Effect = "Allow" | "Deny";

/** An element that is a text. */
export type TextElement = { shape: "absent" } | { shape: "text"; member: Member; node: StringNode } | Other;

/** An element that is one string or a list of them, under its own name or under Not…. */
export type ListElement = { shape: "absent" } | List | Other;

export interface List {
  shape: "list";
  /** NotAction, NotResource. */
  not: boolean;
  member: Member;
  /** Absent where the one value stands alone. */
  array?: ArrayNode;
  values: StringNode[];
}

/** What the view has no place for. */
export interface Other {
  shape: "other";
  members: Member[];
}

/** Types of principals, and the "*" that stands for everybody. */
export const principalTypes = ["AWS", "Service", "Federated", "CanonicalUser"] as const;
export type PrincipalType = (typeof principalTypes)[number];

export type PrincipalElement = { shape: "absent" } | Principals | Other;

export interface Principals {
  shape: "principals";
  not: boolean;
  member: Member;
  /** The element is "*". */
  everybody: boolean;
  /** By type, in the order of the text. */
  entries: { type: PrincipalType; member: Member; array?: ArrayNode; values: StringNode[] }[];
}

export type ConditionElement = { shape: "absent" } | Conditions | Other;

export interface Conditions {
  shape: "conditions";
  member: Member;
  object: ObjectNode;
  rows: ConditionRow[];
}

/** One operator with one key. */
export interface ConditionRow {
  operator: Member;
  key: Member;
  array?: ArrayNode;
  /** Strings, numbers and booleans, as the text has them. */
  values: Node[];
}

export interface Statement {
  index: number;
  node: ObjectNode;
  sid: TextElement;
  effect: TextElement;
  principal: PrincipalElement;
  action: ListElement;
  resource: ListElement;
  condition: ConditionElement;
  /** Members that are no elements. */
  unknown: Member[];
}

export interface PolicyDocument {
  text: string;
  style: Style;
  /** What keeps the text from being JSON. Nothing else is known then. */
  fault?: Fault;
  /** Absent when the text is no object. */
  root?: ObjectNode;
  version: string;
  /** The Statement element, when it is one that statements stand in. */
  list?: ArrayNode | ObjectNode;
  statements: (Statement | OtherStatement)[];
}

/** An item of Statement that is no object. */
export interface OtherStatement {
  index: number;
  node: Exclude<Node, ObjectNode>;
}

export const isStatement = (s: Statement | OtherStatement): s is Statement => s.node.kind === "object";

/** read looks at a text as a policy. */
export function read(text: string): PolicyDocument {
  const { node, fault } = tryParse(text);
  const none = { text, style: defaultStyle, version: "", statements: [] };
  if (fault) return { ...none, fault };
  const style = styleOf(text, node);
  if (node.kind !== "object") return { ...none, style };
  const version = member(node, "Version")?.value;
  const element = member(node, "Statement")?.value;
  const document: PolicyDocument = {
    text,
    style,
    root: node,
    version: version?.kind === "string" ? version.value : "",
    statements: [],
  };
  if (element?.kind !== "array" && element?.kind !== "object") return document;
  document.list = element;
  const items = element.kind === "array" ? element.items : [element];
  document.statements = items.map((item, index) =>
    item.kind === "object" ? readStatement(item, index) : { index, node: item },
  );
  return document;
}

const known = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

function readStatement(node: ObjectNode, index: number): Statement {
  return {
    index,
    node,
    sid: readText(node, "Sid"),
    effect: readEffect(node),
    principal: readPrincipals(node),
    action: readList(node, "Action"),
    resource: readList(node, "Resource"),
    condition: readConditions(node),
    unknown: node.members.filter((m) => !known.has(m.key.value)),
  };
}

function readText(node: ObjectNode, key: string): TextElement {
  const m = member(node, key);
  if (!m) return { shape: "absent" };
  return m.value.kind === "string" ? { shape: "text", member: m, node: m.value } : { shape: "other", members: [m] };
}

function readEffect(node: ObjectNode): TextElement {
  const effect = readText(node, "Effect");
  if (effect.shape === "text" && effect.node.value !== "Allow" && effect.node.value !== "Deny") {
    return { shape: "other", members: [effect.member] };
  }
  return effect;
}

/** strings returns the strings of an element that is one, or a list of them. */
function strings(node: Node): { array?: ArrayNode; values: StringNode[] } | undefined {
  if (node.kind === "string") return { values: [node] };
  if (node.kind !== "array" || !node.items.every((item) => item.kind === "string")) return undefined;
  return { array: node, values: node.items };
}

/** both returns the members of a name and of its negation. */
const both = (node: ObjectNode, key: string) =>
  [member(node, key), member(node, `Not${key}`)].filter((m) => m !== undefined);

function readList(node: ObjectNode, key: string): ListElement {
  const members = both(node, key);
  const m = members[0];
  if (!m) return { shape: "absent" };
  const found = members.length === 1 ? strings(m.value) : undefined;
  return found ? { shape: "list", not: m.key.value !== key, member: m, ...found } : { shape: "other", members };
}

function readPrincipals(node: ObjectNode): PrincipalElement {
  const members = both(node, "Principal");
  const m = members[0];
  if (!m) return { shape: "absent" };
  const other: Other = { shape: "other", members };
  if (members.length > 1) return other;
  const not = m.key.value !== "Principal";
  if (m.value.kind === "string" && m.value.value === "*") {
    return { shape: "principals", not, member: m, everybody: true, entries: [] };
  }
  if (m.value.kind !== "object") return other;
  const entries: Principals["entries"] = [];
  for (const entry of m.value.members) {
    const found = strings(entry.value);
    const type = principalTypes.find((t) => t === entry.key.value);
    if (!found || !type) return other;
    entries.push({ type, member: entry, ...found });
  }
  return { shape: "principals", not, member: m, everybody: false, entries };
}

function readConditions(node: ObjectNode): ConditionElement {
  const m = member(node, "Condition");
  if (!m) return { shape: "absent" };
  const other: Other = { shape: "other", members: [m] };
  if (m.value.kind !== "object") return other;
  const rows: ConditionRow[] = [];
  for (const operator of m.value.members) {
    // An operator without keys would be a row that nobody sees.
    if (operator.value.kind !== "object" || operator.value.members.length === 0) return other;
    for (const key of operator.value.members) {
      const array = key.value.kind === "array" ? key.value : undefined;
      const values = array ? array.items : [key.value];
      if (!values.every((v) => v.kind === "string" || v.kind === "number" || v.kind === "boolean")) return other;
      rows.push({ operator, key, array, values });
    }
  }
  return { shape: "conditions", member: m, object: m.value, rows };
}

/** textOf returns a value of a condition as a text. */
export const textOf = (node: Node) => (node.kind === "object" || node.kind === "array" ? "" : node.value);
