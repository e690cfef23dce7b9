/** Condition keys and operators: which values a key has, and what they are compared with. */

/** Types as the catalog has them; those of keys that may have several values begin with ArrayOf. */
export type KeyType =
  | "String"
  | "ARN"
  | "Bool"
  | "Date"
  | "IPAddress"
  | "Numeric"
  | "ArrayOfString"
  | "ArrayOfARN"
  | "ArrayOfBool"
  | "Unknown";

export interface Key {
  name: string;
  type: KeyType;
  /** What a global key is about. */
  about?: "principal" | "session" | "network" | "resource" | "request";
}

export const isMultivalued = (type: KeyType) => type.startsWith("ArrayOf");

/** An operator, taken apart: "ForAnyValue:StringLikeIfExists". */
export interface Operator {
  quantifier: "" | "ForAllValues" | "ForAnyValue";
  name: string;
  ifExists: boolean;
}

export function parseOperator(text: string): Operator {
  const found = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/i.exec(text);
  const quantifier = found?.[1]?.toLowerCase();
  return {
    quantifier: quantifier === "forallvalues" ? "ForAllValues" : quantifier === "foranyvalue" ? "ForAnyValue" : "",
    name: found?.[2] ?? text,
    ifExists: found?.[3] !== undefined,
  };
}

export const formatOperator = (o: Operator) =>
  (o.quantifier === "" ? "" : `${o.quantifier}:`) + o.name + (o.ifExists && o.name !== "Null" ? "IfExists" : "");

const stringOperators = [
  "StringEquals",
  "StringNotEquals",
  "StringLike",
  "StringNotLike",
  "StringEqualsIgnoreCase",
  "StringNotEqualsIgnoreCase",
];

const operators: Record<string, string[] | undefined> = {
  String: stringOperators,
  ARN: ["ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"],
  Bool: ["Bool"],
  Date: [
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateEquals",
    "DateNotEquals",
  ],
  IPAddress: ["IpAddress", "NotIpAddress"],
  Numeric: [
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
  ],
};

/** operatorsFor returns what a key of a type can be compared with, the usual first. Any key may be tested for presence. */
export function operatorsFor(type: KeyType): string[] {
  return [
    ...(operators[type.replace(/^ArrayOf/, "")] ?? [...new Set(Object.values(operators).flatMap((o) => o ?? []))]),
    "Null",
  ];
}

/** templateOf is what stands in a key's name for what the policy's author fills in; undefined when nothing does. */
export function templateOf(name: string): { before: string; hole: string; after: string } | undefined {
  const found = /\$\{([^}]+)\}|(?<=\/)tag-key$/.exec(name);
  if (!found) return undefined;
  return {
    before: name.slice(0, found.index),
    hole: found[1] ?? "tag-key",
    after: name.slice(found.index + found[0].length),
  };
}

/** isKey reports whether a name is a key, or a template of it filled in. */
export function isKey(key: Key, name: string): boolean {
  const template = templateOf(key.name);
  const lower = name.toLowerCase();
  if (!template) return key.name.toLowerCase() === lower;
  return (
    lower.length > template.before.length + template.after.length &&
    lower.startsWith(template.before.toLowerCase()) &&
    lower.endsWith(template.after.toLowerCase())
  );
}

/** findKey returns what is known of a name, a key of its own before a template. */
export const findKey = (keys: readonly Key[], name: string) =>
  keys.find((k) => !templateOf(k.name) && isKey(k, name)) ?? keys.find((k) => isKey(k, name));

/** valueFault says what is wrong with a value for an operator; undefined when nothing is. A variable may be anything. */
export function valueFault(operator: string, value: string): "bool" | "date" | "ip" | "number" | "arn" | undefined {
  const { name } = parseOperator(operator);
  if (/^String|^Binary/i.test(name) || value.includes("${")) return undefined;
  if (/^(Bool|Null)$/i.test(name)) return /^(true|false)$/i.test(value) ? undefined : "bool";
  if (/^Numeric/i.test(name)) return /^[+-]?\d+(\.\d+)?$/.test(value) ? undefined : "number";
  if (/^Date/i.test(name)) {
    return /^\d+$/.test(value) || /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(value)
      ? undefined
      : "date";
  }
  if (/IpAddress$/i.test(name)) {
    return /^(\d{1,3}\.){3}\d{1,3}(\/\d{1,2})?$/.test(value) || /^[\da-f:]*:[\da-f:.]*(\/\d{1,3})?$/i.test(value)
      ? undefined
      : "ip";
  }
  if (/^Arn/i.test(name)) return value === "*" || value.startsWith("arn:") ? undefined : "arn";
  return undefined;
}
