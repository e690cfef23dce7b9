import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useState } from "react";
import { useSession, useWrite } from "@/aws";
import { signOutEverywhere } from "@/aws/sessions";
import { sessionName } from "@/components/account";
import { FormDialog } from "@/components/credentials/dialog";
import { base } from "@/components/links";
import { useMessages } from "@/messages";
import messages from "@/messages/en/security-credentials";

/** Ends all sessions of who signed in. It asks for no permission: everybody may leave. */
export function Everywhere() {
  const m = useMessages(messages);
  const { session } = useSession();
  const [asking, setAsking] = useState(false);
  const name = sessionName(session);
  const out = useWrite<void, unknown>(() => signOutEverywhere(session.id), {
    invalidates: [],
    // Another user's session may be left in this browser; else the server asks who is there.
    onDone: () => location.assign(`${base}/`),
  });
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <Button formAction="none" onClick={() => setAsking(true)}>
              {m("everywhereAct")}
            </Button>
          }
        >
          {m("everywhereTitle")}
        </Header>
      }
    >
      <Box color="text-body-secondary">{m("everywhereText", { name })}</Box>
      {asking && (
        <FormDialog
          title={m("everywhereAsk")}
          label={m("everywhereAct")}
          pending={out.pending}
          problem={out.problem}
          onSubmit={() => out.start()}
          onClose={() => setAsking(false)}
        >
          {m("everywhereText", { name })}
        </FormDialog>
      )}
    </Container>
  );
}
