import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import { useRead, useRegent } from "@/aws";
import { useParam } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/why";
import { Explained } from "./explained";

/** Why one request was refused. */
export function Component() {
  const id = useParam("id");
  const m = useMessages(messages);
  const regent = useRegent();
  const reading = useRead(["regent", "why", id], () => regent.explainDecision({ RequestId: id }));
  return (
    <ContentLayout header={<Header variant="h1">{m("title")}</Header>}>
      <PanelState reading={reading} lines={8}>
        {(x) => <Explained explanation={x} />}
      </PanelState>
    </ContentLayout>
  );
}
