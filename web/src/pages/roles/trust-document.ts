/** The trust policy that the form of step 1 says. */
import { parseArn } from "@/components/arn";
import type { AccountTrust, Draft, SamlTrust, WebTrust } from "./draft";

interface Statement {
  Effect: "Allow";
  Principal: Record<string, string | string[]>;
  Action: string | string[];
  Condition?: Record<string, Record<string, string>>;
}

/** What stands in an ARN until the account is known. The server would refuse it. */
export const unknownAccount = "ACCOUNT-ID";

/** Returns the document as it is written beside the form, and sent. */
export function trustDocument(draft: Draft, own: string): string {
  if (draft.kind === "custom") return draft.custom;
  return JSON.stringify({ Version: "2012-10-17", Statement: [statementOf(draft, own)] }, null, 2);
}

function statementOf(draft: Draft, own: string): Statement {
  switch (draft.kind) {
    case "service":
      return { Effect: "Allow", Principal: { Service: oneOrMore(draft.services) }, Action: "sts:AssumeRole" };
    case "web":
      return webStatement(draft.web);
    case "saml":
      return samlStatement(draft.saml);
    default:
      return accountStatement(draft.account, own);
  }
}

export const accountOf = (trust: AccountTrust, own: string) => (trust.whose === "this" ? own : trust.id);

function accountStatement(trust: AccountTrust, own: string): Statement {
  const account = accountOf(trust, own) || unknownAccount;
  const names = trust.who === "named" ? trust.names.map((name) => principalArn(name, account)) : [];
  const principal = names.length > 0 ? oneOrMore(names) : `arn:aws:iam::${account}:root`;
  const condition: Statement["Condition"] = {};
  if (trust.requireExternalId) condition.StringEquals = { "sts:ExternalId": trust.externalId };
  if (trust.requireMfa) condition.Bool = { "aws:MultiFactorAuthPresent": "true" };
  const statement: Statement = { Effect: "Allow", Principal: { AWS: principal }, Action: "sts:AssumeRole" };
  if (Object.keys(condition).length > 0) statement.Condition = condition;
  return statement;
}

/** Returns the ARN of a user or role as it may be typed: alice, user/alice, role/path/deploy, or the ARN itself. */
export function principalArn(name: string, account: string): string {
  if (name.startsWith("arn:")) return name;
  return `arn:aws:iam::${account}:${/^(user|role)\//.test(name) ? name : `user/${name}`}`;
}

/** Whether a name can be that of a user or role; an ARN must be of that account. */
export function isPrincipalName(name: string, account: string): boolean {
  const arn = parseArn(name);
  if (!arn) return /^((user|role)\/([\w+=,.@-]+\/)*)?[\w+=,.@-]+$/.test(name);
  return (
    (arn.service === "iam" && /^(user|role)\/./.test(arn.resource) && arn.account === account) ||
    (arn.service === "sts" && /^assumed-role\/[^/]+\/[^/]+$/.test(arn.resource) && arn.account === account)
  );
}

/** The name of an OIDC provider, before which its claims stand in condition keys. */
export function issuerOf(provider: string): string {
  return parseArn(provider)?.resource.replace(/^oidc-provider\//, "") ?? provider;
}

function webStatement(trust: WebTrust): Statement {
  const issuer = issuerOf(trust.provider);
  const condition: Record<string, Record<string, string>> = {};
  const add = (operator: string, claim: string, value: string) => {
    condition[operator] = { ...condition[operator], [`${issuer}:${claim}`]: value };
  };
  if (trust.audience !== "") add("StringEquals", "aud", trust.audience);
  for (const { claim, operator, value } of trust.claims) if (claim !== "") add(operator, claim, value);
  return {
    Effect: "Allow",
    Principal: { Federated: trust.provider },
    Action: "sts:AssumeRoleWithWebIdentity",
    ...(Object.keys(condition).length > 0 ? { Condition: condition } : {}),
  };
}

/** The audience of assertions that AWS's own sign-in takes; Regent takes it too. */
export const samlAudience = "https://signin.aws.amazon.com/saml";

function samlStatement(trust: SamlTrust): Statement {
  const audience = trust.access === "console" ? samlAudience : trust.audience;
  return {
    Effect: "Allow",
    Principal: { Federated: trust.provider },
    Action: ["sts:AssumeRoleWithSAML", "sts:TagSession"],
    ...(audience === "" ? {} : { Condition: { StringEquals: { "SAML:aud": audience } } }),
  };
}

/** Returns an external id that nobody guesses or mistypes: 20 characters of Crockford's alphabet, in fives. */
export function newExternalId(): string {
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const random = crypto.getRandomValues(new Uint8Array(20));
  return [...random].map((n, i) => (i > 0 && i % 5 === 0 ? "-" : "") + alphabet[n % 32]).join("");
}

/** IAM's form of an external id. */
export const isExternalId = (id: string) => /^[\w+=,.@:/-]{2,1224}$/.test(id);

type Fault =
  "faultServices" | "faultAccount" | "faultNames" | "faultExternalId" | "faultProvider" | "faultClaims" | "faultCustom";

/** What keeps step 1 from being done. The server and its lint have the last word. */
export function trustFaults(draft: Draft, own: string): Fault[] {
  switch (draft.kind) {
    case "service":
      return draft.services.length === 0 ? ["faultServices"] : [];
    case "account": {
      const { account: trust } = draft;
      const faults: Fault[] = [];
      if (accountOf(trust, own) === "") faults.push("faultAccount");
      if (trust.who === "named" && trust.names.length === 0) faults.push("faultNames");
      if (trust.requireExternalId && !isExternalId(trust.externalId)) faults.push("faultExternalId");
      return faults;
    }
    case "web": {
      if (draft.web.provider === "") return ["faultProvider"];
      return draft.web.claims.some((c) => c.claim === "" || c.value === "") ? ["faultClaims"] : [];
    }
    case "saml":
      return draft.saml.provider === "" ? ["faultProvider"] : [];
    case "custom":
      return isJson(draft.custom) ? [] : ["faultCustom"];
  }
}

function isJson(text: string): boolean {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && document !== null;
  } catch {
    return false;
  }
}

const oneOrMore = (values: string[]): string | string[] => (values.length === 1 ? (values[0] ?? "") : values);
