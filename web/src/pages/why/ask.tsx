import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { Navigate, useSearchParams } from "react-router";
import { now, useRead, useRegent } from "@/aws";
import { base, path, useGo, useTo } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { Snippet } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/why";
import { ExplainedByBasis, type Basis } from "./by-basis";
import { Decoded } from "./decoded";
import { Explained } from "./explained";
import { readPasted } from "./pasted";

/** Asks what was refused: by what is pasted, or one's own last refusal. */
export function Component() {
  const m = useMessages(messages);
  const go = useGo();
  const [text, setText] = useState("");
  // An encoded message is long, and not for addresses; that somebody asks about their last refusal may be linked to.
  const [encoded, setEncoded] = useState<string>();
  const [search, setSearch] = useSearchParams();
  const last = search.has("last");
  const asked = readPasted(text);
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={m("askText")}>
          {m("title")}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Container>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (asked === undefined) return;
              if ("requestId" in asked) go(path`/events/${asked.requestId}/why`);
              else {
                setSearch({}, { replace: true });
                setEncoded(asked.encoded);
              }
            }}
          >
            <SpaceBetween size="m">
              <FormField
                label={m("paste")}
                description={m("pasteText")}
                errorText={text.trim() !== "" && asked === undefined ? m("pasteNothing") : undefined}
              >
                <Textarea value={text} rows={4} spellcheck={false} onChange={({ detail }) => setText(detail.value)} />
              </FormField>
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="primary" formAction="submit" disabled={asked === undefined}>
                  {m("explain")}
                </Button>
                <Button
                  formAction="none"
                  onClick={() => {
                    setEncoded(undefined);
                    setSearch({ last: "" });
                  }}
                >
                  {m("myLast")}
                </Button>
              </SpaceBetween>
            </SpaceBetween>
          </form>
        </Container>
        {encoded !== undefined && <Answer key={encoded} of={encoded} />}
        {last && <Last />}
        {encoded === undefined && !last && (
          <Box color="text-body-secondary">
            <SpaceBetween size="xs">
              <Box>{m("askCli")}</Box>
              <Snippet text="regent why --last" name={m("askCli")} />
            </SpaceBetween>
          </Box>
        )}
      </SpaceBetween>
    </ContentLayout>
  );
}

/** What an encoded message is about. Whoever may not have it explained may have STS say what it says. */
function Answer({ of }: { of: string }) {
  const [basis, setBasis] = useState<Basis>("then");
  return (
    <ExplainedByBasis
      of={{ EncodedMessage: of }}
      basis={basis}
      setBasis={setBasis}
      refused={<Decoded message={of} />}
    />
  );
}

/** The last refusal at the time of asking; its own address is where it goes on, for the next one will be another. */
function Last() {
  const regent = useRegent();
  const to = useTo();
  const [asked] = useState(now);
  const reading = useRead(["regent", "why", "last", asked], () => regent.explainDecision({}));
  return (
    <PanelState reading={reading} lines={6}>
      {(x) =>
        x.RequestId ? (
          <Navigate to={to(path`/events/${x.RequestId}/why`).slice(base.length)} replace />
        ) : (
          <Explained explanation={x} />
        )
      }
    </PanelState>
  );
}
