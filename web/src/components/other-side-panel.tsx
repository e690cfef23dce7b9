/** "role s3-admin in 1111-2222-3333 trusts this account", or what is missing: asked where a session of that account is open. */
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useRead, useSession } from "@/aws";
import { GetRoleCommand } from "@/aws/iam";
import { useSessionIn, type OtherSession } from "@/aws/other";
import type { TrustEdge } from "@/aws/regent";
import { useLocale, useMessages } from "@/messages";
import messages from "@/messages/en/other-side";
import roles from "@/messages/en/roles";
import trust from "@/messages/en/trust";
import { accountDigits, sessionName } from "./account";
import { isAnyAccount, roleOf, verdictOf, type NamedRole, type RoleOfArn } from "./other-side";
import { documentText, readTrust, type Requirement } from "./trust";
import { partyWords } from "./trust-words";

/** One line for each role that is named. */
export function OtherSide({ roles: named }: { roles: NamedRole[] }) {
  const m = useMessages(messages);
  return (
    <SpaceBetween size="s">
      {named.map((role) => {
        const one = roleOf(role.arn);
        if (one) return <OneRole key={role.arn} role={one} named={role} />;
        return (
          <StatusIndicator key={role.arn} type={isAnyAccount(role.arn) ? "warning" : "info"}>
            {m(isAnyAccount(role.arn) ? "everyAccount" : "pattern", { arn: role.arn })}
          </StatusIndicator>
        );
      })}
    </SpaceBetween>
  );
}

function OneRole({ role, named }: { role: RoleOfArn; named: NamedRole }) {
  const m = useMessages(messages);
  const there = useSessionIn(role.account);
  if (!there) {
    return (
      <StatusIndicator type="info">
        {m("unseen", { role: role.name, account: accountDigits(role.account) })}
      </StatusIndicator>
    );
  }
  return <Seen role={role} named={named} there={there} />;
}

function Seen({ role, named, there }: { role: RoleOfArn; named: NamedRole; there: OtherSession }) {
  const m = useMessages(messages);
  const t = useMessages(trust);
  const r = useMessages(roles);
  const and = new Intl.ListFormat(useLocale(), { type: "conjunction" });
  const own = useSession().session.accountId;
  const said = { role: role.name, account: accountDigits(role.account) };
  const key = ["of", there.session.id, "iam", "role", role.name];
  const found = useRead([...key, "trust"], async () => {
    const { Role } = await there.iam.send(new GetRoleCommand({ RoleName: role.name }));
    return { arn: Role?.Arn ?? "", trust: documentText(Role?.AssumeRolePolicyDocument) };
  });
  // Who may not ask for edges is told what the document says.
  const edges = useRead([...key, "edges"], () => edgesOf(there, found.data?.arn ?? ""), {
    enabled: found.data !== undefined,
  });

  if (found.problem) {
    switch (found.problem.kind) {
      case "notFound":
        return <StatusIndicator type="error">{m("missing", said)}</StatusIndicator>;
      case "denied":
        return (
          <StatusIndicator type="info">{m("unreadable", { ...said, who: sessionName(there.session) })}</StatusIndicator>
        );
      default:
        return <StatusIndicator type="warning">{m("failed", said)}</StatusIndicator>;
    }
  }
  if (!found.data || (edges.loading && !edges.problem)) {
    return <StatusIndicator type="loading">{m("checking", said)}</StatusIndicator>;
  }
  // The name is that of a role on another path: the policy names no role that is there.
  if (found.data.arn !== named.arn) return <StatusIndicator type="error">{m("missing", said)}</StatusIndicator>;

  const verdict = verdictOf(readTrust(found.data.trust) ?? [], own, edges.data);
  const names = (parties: Parameters<typeof partyWords>[2][]) =>
    parties.length === 0 ? m("nobody") : and.format(parties.map((p) => partyWords(t, own, p)));
  if (verdict.kind === "refuses") {
    return <StatusIndicator type="error">{m("refuses", { ...said, who: names(verdict.parties) })}</StatusIndicator>;
  }
  if (verdict.kind === "blocked") {
    const layer = verdict.by === "" ? "" : r(`layer_${verdict.by}` as "layer_scp");
    return <StatusIndicator type="error">{m("blocked", { ...said, layer })}</StatusIndicator>;
  }
  const needs = verdict.needs.map((need) => needWords(need));
  return (
    <div>
      <StatusIndicator type="success">{m("trusts", said)}</StatusIndicator>
      {verdict.only.length > 0 && <div>{m("onlyNamed", { who: names(verdict.only) })}</div>}
      {needs.length > 0 && <div>{m("needs", { needs: and.format(needs) })}</div>}
      {named.conditions.length > 0 && <div>{m("conditions", { keys: and.format(named.conditions) })}</div>}
    </div>
  );

  function needWords(need: Requirement): string {
    if (need.kind === "mfa" || need.kind === "mfaAge") return m("needsMfa");
    if (need.kind === "externalId") return m("needsExternalId");
    if (need.kind === "condition") return m("needsOther", { key: need.key });
    return m("needsOther", { key: need.kind === "address" ? "aws:SourceIp" : "aws:PrincipalOrgID" });
  }
}

async function edgesOf(there: OtherSession, arn: string): Promise<TrustEdge[]> {
  const found: TrustEdge[] = [];
  let marker: string | undefined;
  do {
    const page = await there.regent.listTrustEdges({ RoleArn: arn, Marker: marker, MaxItems: 100 });
    found.push(...page.Edges);
    marker = page.Marker;
  } while (marker !== undefined && found.length < 1000);
  return found;
}
