import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useRead, useSession } from "@/aws";
import { ListAccountAliasesCommand, useIam } from "@/aws/iam";
import { signin } from "@/aws/sessions";
import { accountLabel } from "@/components/account";
import { CopyButton } from "@/components/copy-button";
import { KeyValue } from "@/components/key-value";
import { useTo } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/iam";
import { useSummary } from "./summary";
import { ToDos } from "./to-dos";

/** The account at a glance. Each panel asks for itself. */
export function Component() {
  const m = useMessages(messages);
  const { session } = useSession();
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={m("description", { account: accountLabel(session) })}>
          {m("title")}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <ToDos />
        <Counts />
        <SignIn />
      </SpaceBetween>
    </ContentLayout>
  );
}

function SignIn() {
  const m = useMessages(messages);
  const to = useTo();
  const iam = useIam();
  const { session } = useSession();
  const url = (account: string) => `${location.origin}${signin}?account=${account}`;
  const alias = useRead(
    ["iam", "account-alias"],
    async () => (await iam.send(new ListAccountAliasesCommand({}))).AccountAliases?.[0] ?? "",
  );
  const copy = (text: string, name: string) => <CopyButton text={text} name={name} shown />;
  return (
    <Container header={<Header variant="h2">{m("signInTitle")}</Header>}>
      <PanelState reading={alias} lines={2}>
        {(name) => (
          <KeyValue
            columns={3}
            pairs={[
              ...(name === "" ? [] : [{ label: m("signInUrl"), value: copy(url(name), m("signInUrl")) }]),
              {
                label: m(name === "" ? "signInUrl" : "signInUrlId"),
                value: copy(url(session.accountId), m("signInUrlId")),
              },
              {
                label: m("alias"),
                value: (
                  <>
                    {name || m("aliasNone")} <Link href={to("/iam/settings")}>{m("aliasChange")}</Link>
                  </>
                ),
              },
            ]}
          />
        )}
      </PanelState>
    </Container>
  );
}

const counts = [
  { name: "Users", label: "countUsers", to: "/iam/users" },
  { name: "Groups", label: "countGroups", to: "/iam/groups" },
  { name: "Roles", label: "countRoles", to: "/iam/roles" },
  { name: "Policies", label: "countPolicies", to: "/iam/policies" },
  { name: "Providers", label: "countProviders", to: "/iam/providers" },
] as const;

/** From this share of a quota on it is worth a look. */
const near = 0.8;

function Counts() {
  const m = useMessages(messages);
  const to = useTo();
  const summary = useSummary();
  return (
    <Container
      header={
        <Header variant="h2" description={m("countsText")}>
          {m("countsTitle")}
        </Header>
      }
    >
      <PanelState reading={summary} lines={3}>
        {(map) => (
          <ColumnLayout columns={4} variant="text-grid">
            {counts.map(({ name, label, to: place }) => {
              const count = map[name] ?? 0;
              const quota = map[`${name}Quota` as keyof typeof map];
              const share = quota ? count / quota : 0;
              return (
                <div key={name}>
                  <Box variant="awsui-key-label">{m(label)}</Box>
                  <Box padding={{ bottom: "xs" }}>
                    <Link variant="awsui-value-large" href={to(place)} ariaLabel={`${m(label)} ${count}`}>
                      {count}
                    </Link>
                  </Box>
                  {quota !== undefined && (
                    <Box color="text-body-secondary" fontSize="body-s">
                      {m("countOf", { count, quota })}
                    </Box>
                  )}
                  {share >= near && (
                    <StatusIndicator type="warning">
                      {m("countNear", { percent: Math.floor(share * 100) })}
                    </StatusIndicator>
                  )}
                </div>
              );
            })}
          </ColumnLayout>
        )}
      </PanelState>
    </Container>
  );
}
