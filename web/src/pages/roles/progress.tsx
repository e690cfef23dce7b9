/** A role that is being made, or that is half made: what was done, what is left, and what can be done about it. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import type { Problem } from "@/aws";
import { ConfirmDelete } from "@/components/confirm-delete";
import { ErrorPanel } from "@/components/error-panel";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/create-role";
import type { Draft } from "./draft";
import { undoOf, type Act } from "./run";

interface Props {
  name: string;
  acts: Act[];
  made: NonNullable<Draft["made"]>;
  running: boolean;
  problem: Problem | undefined;
  finish: () => void;
  /** Everything that was made is gone. */
  undone: () => void;
  keep: () => void;
}

export function Progress({ name, acts, made, running, problem, finish, undone, keep }: Props) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const [undoing, setUndoing] = useState(false);
  const next = acts.find((a) => !made.done.includes(a.id));
  const stateOf = (act: Act) => {
    if (made.done.includes(act.id)) return { type: "success", text: c("stepDone") } as const;
    if (act !== next) return { type: "pending", text: c("stepPending") } as const;
    if (running) return { type: "in-progress", text: c("stepRunning") } as const;
    return problem
      ? ({ type: "error", text: c("stepFailed") } as const)
      : ({ type: "pending", text: c("stepPending") } as const);
  };
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={running ? m("doingText") : undefined}>
          <span className="break">{running ? m("doing", { name }) : m("partTitle", { name })}</span>
        </Header>
      }
    >
      <Container>
        <SpaceBetween size="l">
          {!running && <Alert type="warning">{m("partText")}</Alert>}
          <ol className="steps" aria-label={c("stepsLabel")}>
            {acts.map((act) => {
              const state = stateOf(act);
              return (
                <li key={act.id}>
                  <StatusIndicator type={state.type} iconAriaLabel={state.text}>
                    {act.text}
                  </StatusIndicator>
                </li>
              );
            })}
          </ol>
          {problem && <ErrorPanel problem={problem} />}
          {!running && (
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="primary" onClick={finish}>
                {m("finish")}
              </Button>
              <Button onClick={() => setUndoing(true)}>{m("undo")}</Button>
              <Button variant="link" onClick={keep}>
                {m("keep")}
              </Button>
            </SpaceBetween>
          )}
          <ViewAs calls={acts.filter((a) => !made.done.includes(a.id)).map((a) => a.call)} />
        </SpaceBetween>
      </Container>
      {undoing && (
        <ConfirmDelete
          name={name}
          title={m("undoTitle", { name })}
          label={m("undo")}
          steps={undoOf(acts, made)}
          onDone={undone}
          onClose={() => setUndoing(false)}
        />
      )}
    </ContentLayout>
  );
}
