import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRead, useRegent } from "@/aws";
import { useParam, useTab } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/why";
import { Explained } from "./explained";

/** Why one request was refused: by the policies as they were then, or whether those of now would still refuse it. */
export function Component() {
  const id = useParam("id");
  const m = useMessages(messages);
  const regent = useRegent();
  const [basis, setBasis] = useTab(["then", "now"] as const);
  const reading = useRead(["regent", "why", id, basis], () =>
    regent.explainDecision({ RequestId: id, Basis: basis === "now" ? "NOW" : undefined }),
  );
  // Those of then may be known no more; then there is nothing to choose.
  const choice = basis === "now" || reading.data?.Basis === "THEN";
  return (
    <ContentLayout header={<Header variant="h1">{m("title")}</Header>}>
      <SpaceBetween size="m">
        {choice && (
          <SegmentedControl
            label={m("basis")}
            selectedId={basis}
            onChange={({ detail }) => setBasis(detail.selectedId)}
            options={[
              { id: "then", text: m("asThen") },
              { id: "now", text: m("asNow") },
            ]}
          />
        )}
        <PanelState reading={reading} lines={8}>
          {(x) => <Explained explanation={x} thenUnknown={basis === "then" && x.Basis === "NOW"} />}
        </PanelState>
      </SpaceBetween>
    </ContentLayout>
  );
}
