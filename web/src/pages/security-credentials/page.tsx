import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useSession } from "@/aws";
import { accountLabel, sessionName } from "@/components/account";
import { AccessKeys } from "@/components/credentials/access-keys";
import { useOwnHolder } from "@/components/credentials/holder";
import { MfaDevices } from "@/components/credentials/mfa-devices";
import { ArnLink } from "@/components/arn-link";
import { KeyValue } from "@/components/key-value";
import { base } from "@/components/links";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/security-credentials";
import { Password, RootPassword } from "./password";
import { Everywhere } from "./everywhere";

/**
 * One's own credentials. Nobody is kept from this page: who may not read one of its panels is told so there, and still
 * signs out everywhere.
 */
export function Component() {
  const m = useMessages(messages);
  const { signedIn } = useSession();
  const holder = useOwnHolder();
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={m("description", { name: sessionName(signedIn) })}>
          {m("title")}
        </Header>
      }
    >
      {holder === undefined ? (
        <Elsewhere />
      ) : (
        <SpaceBetween size="l">
          <Who />
          <MfaDevices holder={holder} />
          <AccessKeys holder={holder} />
          {holder.userName === undefined ? <RootPassword /> : <Password user={holder.userName} />}
          <Everywhere />
        </SpaceBetween>
      )}
    </ContentLayout>
  );
}

/** A role's session, or one of credentials that somebody brought. */
function Elsewhere() {
  const m = useMessages(messages);
  const { session, signedIn } = useSession();
  const user = sessionName(signedIn);
  if (session.kind !== "role" || signedIn.kind === "federated") {
    return (
      <Alert type="info" header={m("federatedTitle")}>
        {m("federatedText")}
      </Alert>
    );
  }
  return (
    <Alert
      type="info"
      header={m("roleTitle")}
      action={<Button href={`${base}/~${signedIn.id}/security-credentials`}>{m("roleAct", { user })}</Button>}
    >
      {m("roleText", { user })}
    </Alert>
  );
}

function Who() {
  const m = useMessages(messages);
  const { session } = useSession();
  const time = <Time value={session.signedInAt} relative />;
  return (
    <Container header={<Header variant="h2">{m("who")}</Header>}>
      <KeyValue
        pairs={[
          { label: m("account"), value: accountLabel(session) },
          { label: m("arn"), value: <ArnLink arn={session.arn} copy /> },
          {
            label: m("signedIn"),
            value: (
              <StatusIndicator type={session.mfa ? "success" : "warning"}>
                {m.rich(session.mfa ? "signedInMfa" : "signedInNoMfa", { time })}
              </StatusIndicator>
            ),
          },
        ]}
      />
    </Container>
  );
}
