/**
 * What was filled into "Create role" so far. It is kept for the tab, so that a reload loses nothing; there is no secret
 * in it (an external id is none: it names the customer of a third party).
 */
import type { Tag } from "@/components/tag-editor";

export const trustKinds = ["account", "service", "web", "saml", "custom"] as const;
export type TrustKind = (typeof trustKinds)[number];

export interface AccountTrust {
  whose: "this" | "other";
  /** As typed: an id, an alias, a name. */
  account: string;
  /** What it stands for: twelve digits, or nothing yet. */
  id: string;
  who: "everybody" | "named";
  /** ARNs, or user/alice and role/deploy. */
  names: string[];
  requireExternalId: boolean;
  externalId: string;
  requireMfa: boolean;
}

export interface Claim {
  /** sub, without the provider's name before it. */
  claim: string;
  operator: "StringEquals" | "StringLike";
  value: string;
}

export interface WebTrust {
  /** Of an OIDC provider of this account. */
  provider: string;
  audience: string;
  claims: Claim[];
}

export interface SamlTrust {
  provider: string;
  access: "console" | "programmatic";
  audience: string;
}

export interface InlinePolicy {
  name: string;
  document: string;
}

export interface Draft {
  step: number;
  kind: TrustKind;
  services: string[];
  account: AccountTrust;
  web: WebTrust;
  saml: SamlTrust;
  custom: string;
  /** ARNs. */
  policies: string[];
  inline: InlinePolicy[];
  boundary: string;
  name: string;
  path: string;
  description: string;
  /** Seconds. */
  maxSession: number;
  tags: Tag[];
  /** What was done of it: the role exists from the first of these on. */
  made: { arn: string; done: string[] } | null;
}

export const emptyDraft: Draft = {
  step: 0,
  kind: "account",
  services: [],
  account: {
    whose: "other",
    account: "",
    id: "",
    who: "everybody",
    names: [],
    requireExternalId: false,
    externalId: "",
    requireMfa: false,
  },
  web: { provider: "", audience: "", claims: [] },
  saml: { provider: "", access: "console", audience: "" },
  custom: "",
  policies: [],
  inline: [],
  boundary: "",
  name: "",
  path: "/",
  description: "",
  maxSession: 3600,
  tags: [],
  made: null,
};

const keyOf = (identity: string) => `regent-create-role:${identity}`;

/** Returns the draft of an identity (the session's ARN): nobody is shown what somebody else typed. */
export function loadDraft(identity: string): Draft {
  try {
    return like(emptyDraft, JSON.parse(sessionStorage.getItem(keyOf(identity)) ?? "null"));
  } catch {
    return emptyDraft;
  }
}

export function saveDraft(identity: string, draft: Draft): void {
  try {
    sessionStorage.setItem(keyOf(identity), JSON.stringify(draft));
  } catch {
    // Full, or forbidden: then a reload loses the draft, which is all that it is for.
  }
}

export function dropDraft(identity: string): void {
  sessionStorage.removeItem(keyOf(identity));
}

export const isEmpty = (draft: Draft) => JSON.stringify({ ...draft, step: 0 }) === JSON.stringify(emptyDraft);

/** Takes of a value what has the form of the model: what is stored may be of another version of this page. */
function like<T>(model: T, value: unknown): T {
  if (model === null) return isMade(value) ? (value as T) : model;
  if (Array.isArray(model)) return (Array.isArray(value) && value.every(isPlain) ? value : model) as T;
  if (typeof model === "object") {
    if (typeof value !== "object" || value === null) return model;
    const entries = Object.entries(model).map(([key, part]) => [
      key,
      like(part, (value as Record<string, unknown>)[key]),
    ]);
    return Object.fromEntries(entries) as T;
  }
  return typeof value === typeof model ? (value as T) : model;
}

/** The lists of a draft have strings, or objects of strings. */
const isPlain = (item: unknown) =>
  typeof item === "string" ||
  (typeof item === "object" && item !== null && Object.values(item).every((v) => typeof v === "string"));

const isMade = (v: unknown) =>
  typeof v === "object" &&
  v !== null &&
  typeof (v as { arn?: unknown }).arn === "string" &&
  Array.isArray((v as { done?: unknown }).done);
