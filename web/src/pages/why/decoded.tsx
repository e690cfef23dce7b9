import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useConnection, useRead } from "@/aws";
import { JsonView } from "@/components/json-view";
import { useTo } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/why";

/** What STS says of an encoded message: for who may ask it, and may not have the refusal explained. */
export function Decoded({ message }: { message: string }) {
  const m = useMessages(messages);
  const to = useTo();
  const connection = useConnection();
  const reading = useRead(["sts", "message", message], async () => {
    const { DecodeAuthorizationMessageCommand, STSClient } = await import("@/aws/sts");
    const command = new DecodeAuthorizationMessageCommand({ EncodedMessage: message });
    return (await connection.client(STSClient).send(command)).DecodedMessage ?? "";
  });
  return (
    <Container
      header={
        <Header variant="h2" description={m("decodedText")}>
          {m("decoded")}
        </Header>
      }
    >
      <PanelState reading={reading} lines={6}>
        {(text) => {
          const question = questionOf(text);
          return (
            <SpaceBetween size="s">
              <JsonView value={text} name={m("decoded")} />
              {question && <Link href={to(`/access/simulator?${question}`)}>{m("simulate")}</Link>}
            </SpaceBetween>
          );
        }}
      </PanelState>
    </Container>
  );
}

/** questionOf is what to ask the simulator, of which users alone are told by their own ARN. */
export function questionOf(text: string): URLSearchParams | undefined {
  try {
    const { context } = JSON.parse(text) as {
      context?: { principal?: { arn?: string }; action?: string; resource?: string };
    };
    const { principal, action, resource } = context ?? {};
    if (!principal?.arn || !action || !/^arn:[^:]+:iam::\d{12}:user\//.test(principal.arn)) return undefined;
    const question = new URLSearchParams({ principal: principal.arn, action });
    if (resource && resource !== "*") question.set("resource", resource);
    return question;
  } catch {
    return undefined;
  }
}
