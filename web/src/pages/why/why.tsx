import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import { useParam, useTab } from "@/components/links";
import { useMessages } from "@/messages";
import messages from "@/messages/en/why";
import { bases, ExplainedByBasis } from "./by-basis";

/** Why one request was refused. */
export function Component() {
  const id = useParam("id");
  const m = useMessages(messages);
  const [basis, setBasis] = useTab(bases);
  return (
    <ContentLayout header={<Header variant="h1">{m("title")}</Header>}>
      <ExplainedByBasis of={{ RequestId: id }} basis={basis} setBasis={setBasis} />
    </ContentLayout>
  );
}
