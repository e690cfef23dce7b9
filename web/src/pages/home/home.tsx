import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import { useRead, useRegent, useSession } from "@/aws";
import { accountLabel, sessionName } from "@/components/account";
import { KeyValue } from "@/components/key-value";
import { useTo } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { recentOf } from "@/components/recent";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/home";
import { Roles } from "./roles";
import { ToDos } from "./to-dos";

export function Component() {
  const m = useMessages(messages);
  const { session } = useSession();
  const name = sessionName(session);
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={m("description", { account: accountLabel(session) })}>
          {session.kind === "role" ? m("headingRole", { name }) : m("heading", { name })}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <ColumnLayout columns={2}>
          <ToDos />
          <Roles />
        </ColumnLayout>
        <Recent />
        <GoTo />
        <Server />
      </SpaceBetween>
    </ContentLayout>
  );
}

/** The things whose pages were opened last. */
function Recent() {
  const m = useMessages(messages);
  const to = useTo();
  const { session } = useSession();
  const recent = recentOf(session.arn);
  return (
    <Container header={<Header variant="h2">{m("recentTitle")}</Header>}>
      {recent.length === 0 ? (
        <Box color="text-body-secondary">{m("recentNone")}</Box>
      ) : (
        <ColumnLayout columns={4} variant="text-grid">
          {recent.map((one) => (
            <div key={one.to} className="break">
              <Link href={to(one.to)}>{one.text}</Link>
              <Box color="text-body-secondary">{one.kind}</Box>
            </div>
          ))}
        </ColumnLayout>
      )}
    </Container>
  );
}

function GoTo() {
  const m = useMessages(messages);
  const to = useTo();
  const places = [
    ["/iam/users", "startUsers", "startUsersText"],
    ["/iam/roles", "startRoles", "startRolesText"],
    ["/iam/policies", "startPolicies", "startPoliciesText"],
    ["/s3", "startBuckets", "startBucketsText"],
  ] as const;
  return (
    <Container header={<Header variant="h2">{m("startTitle")}</Header>}>
      <ColumnLayout columns={4} variant="text-grid">
        {places.map(([place, name, text]) => (
          <div key={place}>
            <Link href={to(place)} fontSize="heading-s">
              {m(name)}
            </Link>
            <Box color="text-body-secondary">{m(text)}</Box>
          </div>
        ))}
      </ColumnLayout>
    </Container>
  );
}

function Server() {
  const m = useMessages(messages);
  const regent = useRegent();
  const info = useRead(["regent", "server-info"], regent.getServerInfo);
  return (
    <Container header={<Header variant="h2">{m("serverTitle")}</Header>}>
      <PanelState reading={info} lines={2}>
        {(server) => (
          <KeyValue
            columns={4}
            pairs={[
              { label: m("serverVersion"), value: server.Version },
              { label: m("serverRegion"), value: server.Region },
              { label: m("serverTime"), value: <Time value={server.Time} /> },
              { label: m("serverServices"), value: server.Services.map((s) => s.Name).join(", ") },
            ]}
          />
        )}
      </PanelState>
    </Container>
  );
}
