import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState, type ReactNode } from "react";
import type { Problem } from "@/aws";
import Table from "@cloudscape-design/components/table";
import { ErrorPanel } from "@/components/error-panel";
import { useMessages } from "@/messages";
import messages from "@/messages/en/simulator";
import { Ladder } from "./ladder";
import type { Answer, Outcome, Row } from "./simulate";

interface Props {
  /** Whose policies decided, or "". */
  principal: string;
  rows: Row[];
  actions: ReactNode;
  problem: Problem | undefined;
}

const idOf = (row: Row) => `${row.action} ${row.resource}`;

/** The decisions, and below them what decided the chosen one. */
export function Results({ principal, rows, actions, problem }: Props) {
  const m = useMessages(messages);
  const [chosen, setChosen] = useState<string>();
  const compared = rows.some((row) => row.changed);
  const row = rows.find((r) => idOf(r) === chosen);
  return (
    <SpaceBetween size="l">
      {problem && <ErrorPanel problem={problem} />}
      <Table
        items={rows}
        trackBy={idOf}
        wrapLines
        header={
          <Header variant="h2" counter={`(${rows.length})`} description={m("resultsText")} actions={actions}>
            {m("results")}
          </Header>
        }
        selectionType="single"
        selectedItems={row ? [row] : []}
        onSelectionChange={({ detail }) => setChosen(detail.selectedItems[0] && idOf(detail.selectedItems[0]))}
        onRowClick={({ detail }) => setChosen(idOf(detail.item))}
        ariaLabels={{
          tableLabel: m("results"),
          selectionGroupLabel: m("results"),
          itemSelectionLabel: (_, r) => idOf(r),
        }}
        columnDefinitions={[
          { id: "action", header: m("action"), cell: (r) => <code>{r.action}</code>, isRowHeader: true },
          { id: "resource", header: m("resource"), cell: (r) => <span className="break">{r.resource}</span> },
          {
            id: "now",
            header: compared ? m("decisionNow") : m("decision"),
            cell: (r) => <OutcomeText outcome={r.now.outcome} />,
          },
          ...(compared
            ? [
                {
                  id: "changed",
                  header: m("decisionChanged"),
                  cell: (r: Row) => r.changed && <OutcomeText outcome={r.changed.outcome} />,
                },
              ]
            : []),
        ]}
      />
      {row && (
        <Container
          header={
            <Header variant="h2">
              <span className="break">{m("detail", { action: row.action, resource: row.resource })}</span>
            </Header>
          }
        >
          <SpaceBetween size="l">
            <Detail answer={row.now} principal={principal} title={row.changed ? m("decisionNow") : m("decision")} />
            {row.changed && <Detail answer={row.changed} principal={principal} title={m("decisionChanged")} />}
          </SpaceBetween>
        </Container>
      )}
    </SpaceBetween>
  );
}

const types = { allowed: "success", explicitDeny: "error", implicitDeny: "stopped" } as const;

function OutcomeText({ outcome }: { outcome: Outcome }) {
  const m = useMessages(messages);
  return <StatusIndicator type={types[outcome]}>{m(outcome)}</StatusIndicator>;
}

function Detail({ answer, principal, title }: { answer: Answer; principal: string; title: string }) {
  const m = useMessages(messages);
  return (
    <SpaceBetween size="xs">
      <Header variant="h3" actions={<OutcomeText outcome={answer.outcome} />}>
        {title}
      </Header>
      <Ladder answer={answer} principal={principal} name={m("ladder", { title })} />
    </SpaceBetween>
  );
}
