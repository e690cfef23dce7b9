/** A trust policy in words: "account 4444-5555-6666, with MFA". */
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useSession } from "@/aws";
import { useLocale, useMessages, type Texts } from "@/messages";
import trust from "@/messages/en/trust";
import { accountDigits } from "./account";
import { readTrust, type Party, type Requirement, type TrustStatement } from "./trust";

type TrustTexts = Texts<(typeof trust)["messages"]>;

/** Returns what says a statement in words, to a reader in an account. */
export function trustWords(m: TrustTexts, locale: string, own: string, s: TrustStatement): string {
  const and = new Intl.ListFormat(locale, { type: "conjunction" });
  const named = and.format(s.parties.map((p) => partyWords(m, own, p)));
  const who = s.but ? m("everyoneBut", { who: named }) : named;
  const words = [who, ...s.requirements.map((r) => requirementWords(m, and, r))].join(", ");
  return s.allow ? words : m("denied", { who: words });
}

export function partyWords(m: TrustTexts, own: string, p: Party): string {
  const account = accountDigits(p.account);
  const here = p.account === own;
  switch (p.kind) {
    case "everyone":
      return m("everyone");
    case "account":
      return here ? m("accountThis") : m("account", { account });
    case "user":
      return here ? m("userThis", { name: p.name }) : m("user", { name: p.name, account });
    case "role":
      return here ? m("roleThis", { name: p.name }) : m("role", { name: p.name, account });
    case "session":
      return m("session", { name: p.name });
    case "service":
      return m("service", { name: p.name.replace(/\.amazonaws\.com$/, "") });
    case "oidc":
      return m("oidc", { name: p.name });
    case "saml":
      return m("saml", { name: p.name });
    case "gone":
      return m("gone", { id: p.value });
    case "other":
      return m("other", { value: p.value });
  }
}

function requirementWords(m: TrustTexts, and: Intl.ListFormat, r: Requirement): string {
  switch (r.kind) {
    case "mfa":
      return m("mfa");
    case "mfaAge":
      return m("mfaAge", { seconds: r.values[0] ?? "" });
    case "externalId":
      return m("externalId");
    case "address":
      return m("address", { addresses: and.format(r.values) });
    case "organization":
      return m("organization", { ids: and.format(r.values) });
    case "condition":
      return m("condition", { operator: r.operator, key: r.key, values: r.values.join(", ") });
  }
}

/** Returns the lines of a trust policy in words, which lists filter and sort by. */
export function useTrustLines(): (document: string) => string[] {
  const m = useMessages(trust);
  const locale = useLocale();
  const own = useSession().session.accountId;
  return (document) => {
    const statements = readTrust(document);
    if (statements === undefined) return [m("unreadable")];
    const lines = statements.filter((s) => s.assumes).map((s) => trustWords(m, locale, own, s));
    return lines.length > 0 ? lines : [m("none")];
  };
}

/** Says whom a trust policy names. Anybody at all is worth a warning. */
export function TrustWords({ document }: { document: string }) {
  const lines = useTrustLines()(document);
  const open = (readTrust(document) ?? []).some(
    (s) =>
      s.allow && s.assumes && s.requirements.length === 0 && (s.but || s.parties.some((p) => p.kind === "everyone")),
  );
  return (
    <>
      {lines.map((line, i) => (
        <div key={i} className="break wrap">
          {open && i === 0 ? <StatusIndicator type="warning">{line}</StatusIndicator> : line}
        </div>
      ))}
    </>
  );
}
