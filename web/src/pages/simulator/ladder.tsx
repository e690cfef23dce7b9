import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useRead } from "@/aws";
import { useIam } from "@/aws/iam";
import { PanelState } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/simulator";
import { statementAt } from "@/policy/check/simulate";
import { PolicyView } from "@/policy/view";
import { documentsOf, entityOf } from "./documents";
import { layersOf, type Answer, type Layer, type Matched } from "./simulate";

const types: Record<Layer["verdict"], StatusIndicatorProps.Type> = {
  allows: "success",
  denies: "error",
  lacks: "error",
  stops: "error",
  passes: "success",
  undecided: "info",
  absent: "stopped",
};

/** What each layer said, from the outermost in, with the statements that decided in their documents. */
export function Ladder({ answer, principal, name }: { answer: Answer; principal: string; name: string }) {
  const m = useMessages(messages);
  return (
    <SpaceBetween size="s">
      <ol className="steps" aria-label={name}>
        {layersOf(answer).map(({ layer, verdict, statements }) => (
          <li key={layer}>
            <div data-layer={layer} data-verdict={verdict}>
              <StatusIndicator type={types[verdict]}>
                {m("layerSays", { layer: m(`layer_${layer}`), verdict: m(`verdict_${verdict}`) })}
              </StatusIndicator>
              {statements.map((s, i) => (
                <Box key={i} padding={{ left: "l", top: "xs" }}>
                  <Statement statement={s} principal={principal} />
                </Box>
              ))}
            </div>
          </li>
        ))}
      </ol>
      {answer.missing.length > 0 && (
        <div>
          <Box variant="awsui-key-label">{m("missing")}</Box>
          {answer.missing.map((key) => (
            <div key={key}>
              <code>{key}</code>
            </div>
          ))}
        </div>
      )}
    </SpaceBetween>
  );
}

function Statement({ statement: s, principal }: { statement: Matched; principal: string }) {
  const m = useMessages(messages);
  const policy = usePolicyName(s);
  const label = m("place", { policy, line: s.line });
  return (
    <SpaceBetween size="xxs">
      <div className="break">{label}</div>
      {s.pasted && <Marked text={s.pasted.text} statement={s} label={label} />}
      {!s.pasted && principal !== "" && <Own statement={s} principal={principal} label={label} />}
    </SpaceBetween>
  );
}

function usePolicyName({ pasted, policy }: Matched): string {
  const m = useMessages(messages);
  if (!pasted) return policy;
  return pasted.part === "document" ? m("part_document", { number: pasted.number }) : m(`part_${pasted.part}`);
}

function Marked({ text, statement: s, label }: { text: string; statement: Matched; label: string }) {
  const index = statementAt(text, s.line, s.column);
  return <PolicyView text={text} marks={index < 0 ? [] : [{ statement: index }]} label={label} />;
}

interface OwnProps {
  statement: Matched;
  principal: string;
  label: string;
}

/** A document of the principal's own is read when somebody wants to see it. */
function Own(props: OwnProps) {
  const m = useMessages(messages);
  const [open, setOpen] = useState(false);
  return (
    <ExpandableSection
      headerText={m("showDocument")}
      expanded={open}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      {open && <OwnDocument {...props} />}
    </ExpandableSection>
  );
}

function OwnDocument({ statement, principal, label }: OwnProps) {
  const m = useMessages(messages);
  const iam = useIam();
  const { kind, name } = entityOf(principal);
  const reading = useRead(["iam", kind, name, "policies", "documents"], () => documentsOf(iam, principal));
  return (
    <PanelState reading={reading} lines={6}>
      {({ identity, boundary }) => {
        const found = [...identity, ...(boundary ? [boundary] : [])].find((d) => d.id === statement.policy);
        if (!found) return <Box color="text-body-secondary">{m("documentGone")}</Box>;
        return <Marked text={found.text} statement={statement} label={label} />;
      }}
    </PanelState>
  );
}
