/** Trust policies: whom they name, and what a request must have. */
import { parseArn } from "./arn";

export type PartyKind =
  | "everyone"
  | "account"
  | "user"
  | "role"
  | "session"
  | "service"
  | "oidc"
  | "saml"
  /** A user or role that has been deleted: IAM writes its unique id in place of the ARN. */
  | "gone"
  | "other";

/** Somebody whom a trust policy names. */
export interface Party {
  kind: PartyKind;
  /** As the document has it. */
  value: string;
  /** Of an account, a user, a role, a session. */
  account: string;
  /** Of a user, a role, a session, a provider, a service. */
  name: string;
}

/** What a request must have. */
export type Requirement =
  | { kind: "mfa" }
  | { kind: "mfaAge"; values: string[] }
  | { kind: "externalId"; values: string[] }
  | { kind: "address"; values: string[] }
  | { kind: "organization"; values: string[] }
  /** Any other condition, as it is written. */
  | { kind: "condition"; operator: string; key: string; values: string[] };

export interface TrustStatement {
  allow: boolean;
  /** NotPrincipal: everybody but these. */
  but: boolean;
  parties: Party[];
  /** Whether it speaks of assuming the role, not only of tags or the source identity. */
  assumes: boolean;
  requirements: Requirement[];
}

/** Returns a document as IAM answers it, percent-encoded, as it was written. */
export function documentText(encoded: string | undefined): string {
  if (encoded === undefined) return "";
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/** Returns the statements of a trust policy; undefined when the text is none. */
export function readTrust(text: string): TrustStatement[] | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(document)) return undefined;
  return list(document.Statement).flatMap((s) => (isObject(s) ? [statementOf(s)] : []));
}

function statementOf(s: Record<string, unknown>): TrustStatement {
  const actions = strings(s.Action);
  return {
    allow: s.Effect === "Allow",
    but: s.NotPrincipal !== undefined,
    parties: partiesOf(s.NotPrincipal ?? s.Principal),
    assumes: s.NotAction !== undefined || actions.some((a) => /^(\*|sts:(\*|assumerole.*))$/i.test(a)),
    requirements: requirementsOf(s.Condition),
  };
}

function partiesOf(principal: unknown): Party[] {
  if (typeof principal === "string") return [awsParty(principal)];
  if (!isObject(principal)) return [];
  return Object.entries(principal).flatMap(([type, values]) =>
    strings(values).map((value) => {
      if (type === "AWS") return awsParty(value);
      if (type === "Service") return { kind: "service", value, account: "", name: value };
      if (type === "Federated") return federated(value);
      return { kind: "other", value, account: "", name: value };
    }),
  );
}

function awsParty(value: string): Party {
  const party = (kind: PartyKind, account = "", name = ""): Party => ({ kind, value, account, name });
  if (value === "*") return party("everyone");
  if (/^\d{12}$/.test(value)) return party("account", value);
  if (/^(AIDA|AROA)[A-Z0-9]{12,}$/.test(value)) return party("gone", "", value);
  const arn = parseArn(value);
  if (!arn) return party("other", "", value);
  const [type = "", ...rest] = arn.resource.split("/");
  const name = rest.at(-1) ?? "";
  if (arn.service === "iam" && arn.resource === "root") return party("account", arn.account);
  if (arn.service === "iam" && type === "user") return party("user", arn.account, name);
  if (arn.service === "iam" && type === "role") return party("role", arn.account, name);
  if (arn.service === "sts" && type === "assumed-role") return party("session", arn.account, rest.join("/"));
  return party("other", arn.account, value);
}

function federated(value: string): Party {
  const arn = parseArn(value);
  const [type = "", ...rest] = (arn?.resource ?? "").split("/");
  const name = rest.join("/");
  if (type === "saml-provider") return { kind: "saml", value, account: arn?.account ?? "", name };
  if (type === "oidc-provider") return { kind: "oidc", value, account: arn?.account ?? "", name };
  return { kind: "oidc", value, account: "", name: value };
}

/** Negations and the …IfExists forms are no requirement of the friendly kinds: they let through what has no such key. */
function requirementsOf(condition: unknown): Requirement[] {
  if (!isObject(condition)) return [];
  return Object.entries(condition).flatMap(([operator, keys]) =>
    isObject(keys) ? Object.entries(keys).map(([key, values]) => requirementOf(operator, key, strings(values))) : [],
  );
}

function requirementOf(operator: string, key: string, values: string[]): Requirement {
  const op = operator.toLowerCase();
  const equals = /^string(equals|like)(ignorecase)?$/.test(op);
  switch (key.toLowerCase()) {
    case "aws:multifactorauthpresent":
      if (op === "bool" && values.length === 1 && values[0]?.toLowerCase() === "true") return { kind: "mfa" };
      break;
    case "aws:multifactorauthage":
      if (op === "numericlessthan" || op === "numericlessthanequals") return { kind: "mfaAge", values };
      break;
    case "sts:externalid":
      if (equals) return { kind: "externalId", values };
      break;
    case "aws:sourceip":
      if (op === "ipaddress") return { kind: "address", values };
      break;
    case "aws:principalorgid":
      if (equals) return { kind: "organization", values };
      break;
  }
  return { kind: "condition", operator, key, values };
}

/** What somebody who assumes the role by its trust policy has to bring, over all statements that let them. */
export interface TrustNeeds {
  /** Whether an account, a user or a role may assume it: by the console's switch, or a CLI profile. */
  people: boolean;
  /** Whether every such statement asks for an external id: then nobody can switch to it (SE-5). */
  externalId: string | undefined;
  /** Whether every such statement asks for MFA (SE-6). */
  mfa: boolean;
  /** Accounts that are named, themselves or by their users and roles. */
  accounts: string[];
  kinds: PartyKind[];
}

const peopleKinds = new Set<PartyKind>(["everyone", "account", "user", "role", "session"]);

export function trustNeeds(statements: TrustStatement[] | undefined): TrustNeeds {
  const allowing = (statements ?? []).filter((s) => s.allow && s.assumes);
  const people = allowing.filter((s) => s.but || s.parties.some((p) => peopleKinds.has(p.kind)));
  const ids = people.map((s) => s.requirements.find((r) => r.kind === "externalId")?.values[0]);
  return {
    people: people.length > 0,
    externalId: ids.every((id) => id !== undefined) ? ids[0] : undefined,
    mfa: people.length > 0 && people.every((s) => s.requirements.some((r) => r.kind === "mfa" || r.kind === "mfaAge")),
    accounts: [...new Set(people.flatMap((s) => (s.but ? [] : s.parties.map((p) => p.account))))].filter(
      (a) => a !== "",
    ),
    kinds: [...new Set(allowing.flatMap((s) => s.parties.map((p) => p.kind)))],
  };
}

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === "object" && v !== null && !Array.isArray(v);

const list = (v: unknown): unknown[] => (Array.isArray(v) ? v : v === undefined ? [] : [v]);

/** Conditions may have numbers and booleans for strings. */
const strings = (v: unknown): string[] =>
  list(v).flatMap((s) => (typeof s === "string" || typeof s === "number" || typeof s === "boolean" ? [String(s)] : []));

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
