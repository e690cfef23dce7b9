import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useSession } from "@/aws";
import { KeyValue } from "@/components/key-value";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/settings";

/** How long a sign-in lasts: of the whole server, and so read here and set there. */
export function SignIn() {
  const m = useMessages(messages);
  const { signedIn } = useSession();
  return (
    <Container
      header={
        <Header variant="h2" description={m("signInText")}>
          {m("signInTitle")}
        </Header>
      }
    >
      <KeyValue
        columns={2}
        pairs={[
          { label: m("signInEnds"), value: <Time value={signedIn.expiresAt} /> },
          { label: m("signInIdle"), value: <Time value={signedIn.idleExpiresAt} relative /> },
        ]}
      />
    </Container>
  );
}
