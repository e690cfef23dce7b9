/** A role that is being made, or that is half made: what was done, what is left, and what can be done about it. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { Problem } from "@/aws";
import { ConfirmDelete } from "@/components/confirm-delete";
import { ErrorPanel } from "@/components/error-panel";
import { ViewAs } from "@/components/snippet";
import { StepList, type StepState } from "@/components/step-list";
import { useMessages } from "@/messages";
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
  const [undoing, setUndoing] = useState(false);
  const next = acts.find((a) => !made.done.includes(a.id));
  const stateOf = (act: Act): StepState => {
    if (made.done.includes(act.id)) return "done";
    if (act !== next) return "pending";
    if (running) return "running";
    return problem ? "failed" : "pending";
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
          <StepList steps={acts.map((act) => ({ text: act.text, state: stateOf(act) }))} />
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
