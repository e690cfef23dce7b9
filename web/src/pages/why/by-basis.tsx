import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import { useRead, useRegent } from "@/aws";
import { PanelState } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/why";
import { Explained } from "./explained";

export const bases = ["then", "now"] as const;
export type Basis = (typeof bases)[number];

interface Props {
  of: { RequestId: string } | { EncodedMessage: string };
  basis: Basis;
  setBasis: (basis: Basis) => void;
  /** What is shown below, where the explanation is refused. */
  refused?: ReactNode;
}

/** A refusal by the policies as they were then, or whether those of now would still refuse it. */
export function ExplainedByBasis({ of, basis, setBasis, refused }: Props) {
  const m = useMessages(messages);
  const regent = useRegent();
  const reading = useRead(["regent", "why", Object.values(of)[0], basis], () =>
    regent.explainDecision({ ...of, Basis: basis === "now" ? "NOW" : undefined }),
  );
  // Those of then may be known no more; then there is nothing to choose.
  const choice = basis === "now" || reading.data?.Basis === "THEN";
  return (
    <SpaceBetween size="m">
      {choice && (
        <SegmentedControl
          label={m("basis")}
          selectedId={basis}
          onChange={({ detail }) => setBasis(detail.selectedId === "now" ? "now" : "then")}
          options={[
            { id: "then", text: m("asThen") },
            { id: "now", text: m("asNow") },
          ]}
        />
      )}
      <PanelState reading={reading} lines={8}>
        {(x) => <Explained explanation={x} thenUnknown={basis === "then" && x.Basis === "NOW"} />}
      </PanelState>
      {reading.problem?.kind === "denied" && refused}
    </SpaceBetween>
  );
}
