/** How a role is used: the console's switch, the CLI, programs. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useConnection, useSession, type Reading, type Session } from "@/aws";
import type { Role } from "@/aws/iam";
import { accountDigits, sessionName } from "@/components/account";
import { CopyButton } from "@/components/copy-button";
import { base } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { Snippet } from "@/components/snippet";
import { documentText, readTrust, trustNeeds, type TrustNeeds } from "@/components/trust";
import { useMessages } from "@/messages";
import messages from "@/messages/en/roles";
import { cliProfile, federatedCall, pythonRole, roleWithPath, switchLink, switchQuery } from "./switch-link";

export function UseIt({ role }: { role: Reading<Role> }) {
  return (
    <PanelState reading={role} lines={8}>
      {(r) => (
        <WaysIn
          arn={r.Arn ?? ""}
          path={r.Path ?? "/"}
          name={r.RoleName ?? ""}
          trust={documentText(r.AssumeRolePolicyDocument)}
        />
      )}
    </PanelState>
  );
}

interface Props {
  arn: string;
  path: string;
  name: string;
  trust: string;
}

/** The ways that a role's trust policy opens. */
export function WaysIn({ arn, path, name, trust }: Props) {
  const m = useMessages(messages);
  const { session, region } = useSession();
  const { endpoint } = useConnection();
  const statements = readTrust(trust);
  const needs = trustNeeds(statements);
  const source = m("useSource");
  const profileNeeds = {
    mfa: needs.mfa,
    externalId: needs.externalId,
    users: needs.accounts.length === 1 ? needs.accounts[0] : undefined,
  };
  const provider = (kind: "oidc" | "saml") =>
    statements?.flatMap((s) => s.parties).find((p) => p.kind === kind)?.value ?? "";
  const link = { account: session.accountId, alias: session.accountAlias, role: roleWithPath(path, name) };
  return (
    <SpaceBetween size="l">
      {needs.people && <SwitchIt link={link} needs={needs} />}
      {needs.people && (
        <Container
          header={
            <Header variant="h2" description={m("useProfileText")}>
              {m("useProfile")}
            </Header>
          }
        >
          <SpaceBetween size="s">
            {needs.mfa && <StatusIndicator type="info">{m("useMfaText")}</StatusIndicator>}
            {needs.externalId !== undefined && <StatusIndicator type="info">{m("useExternalText")}</StatusIndicator>}
            <Snippet text={cliProfile(arn, endpoint, region, source, profileNeeds)} name={m("useProfile")} />
          </SpaceBetween>
        </Container>
      )}
      {needs.people && (
        <Container header={<Header variant="h2">{m("usePython")}</Header>}>
          <Snippet text={pythonRole(arn, endpoint, region, source, profileNeeds)} name={m("usePython")} />
        </Container>
      )}
      {needs.kinds.includes("service") && <Box>{m("useService")}</Box>}
      {needs.kinds.includes("oidc") && (
        <Container
          header={
            <Header variant="h2" description={m("useWeb")}>
              {m("useProfileWeb")}
            </Header>
          }
        >
          <Snippet text={federatedCall("web", arn, provider("oidc"), endpoint)} name={m("useProfileWeb")} />
        </Container>
      )}
      {needs.kinds.includes("saml") && (
        <Container
          header={
            <Header variant="h2" description={m("useSaml")}>
              {m("useProfileSaml")}
            </Header>
          }
        >
          <Snippet text={federatedCall("saml", arn, provider("saml"), endpoint)} name={m("useProfileSaml")} />
        </Container>
      )}
      {needs.kinds.length === 0 && !needs.people && <Box>{m("useNobody")}</Box>}
      <Container
        header={
          <Header variant="h2" description={m("useRegentText")}>
            {m("useRegent")}
          </Header>
        }
      >
        <Snippet text={`regent sessions list ${arn}\nregent sessions revoke ${arn}`} name={m("useRegent")} />
      </Container>
    </SpaceBetween>
  );
}

type Link = Parameters<typeof switchQuery>[0];

export function SwitchIt({ link, needs }: { link: Link; needs: TrustNeeds }) {
  const m = useMessages(messages);
  return (
    <Container
      header={
        <Header variant="h2" description={m("useSwitchText")}>
          {m("useSwitchTitle")}
        </Header>
      }
    >
      {needs.externalId === undefined ? (
        <SpaceBetween size="s">
          <CopyButton text={switchLink(location.origin, link)} name={m("switchLink")} shown />
          <TryIt link={link} needs={needs} />
        </SpaceBetween>
      ) : (
        <StatusIndicator type="warning">{m("switchExternalId")}</StatusIndicator>
      )}
    </Container>
  );
}

/** One button for each session of this browser that the trust policy's accounts could be: its people may switch. */
function TryIt({ link, needs }: { link: Link; needs: TrustNeeds }) {
  const m = useMessages(messages);
  const { all } = useSession();
  const trusted = (s: Session) => needs.accounts.length === 0 || needs.accounts.includes(s.accountId);
  // Whoever signed in switches, and root may not (CO-12, CO-13).
  const able = all.filter((s) => s.kind === "user" && trusted(s));
  if (able.length === 0) {
    return <Box>{m("tryNoSession", { account: needs.accounts.map(accountDigits).join(", ") })}</Box>;
  }
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {able.map((s) => (
        <Button key={s.id} variant="primary" href={`${base}/~${s.id}/switchrole?${switchQuery(link)}`}>
          {able.length === 1 && able[0]?.accountId === link.account
            ? m("tryIt")
            : m("tryItIn", { who: `${sessionName(s)} @ ${s.accountAlias || accountDigits(s.accountId)}` })}
        </Button>
      ))}
    </SpaceBetween>
  );
}
