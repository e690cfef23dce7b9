/** Asks before something is deleted: what will break, the name typed, then the steps one after another. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { problemOf, type Problem } from "@/aws";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import { ErrorPanel } from "./error-panel";
import { ViewAs, type ApiCall } from "./snippet";
import { StepList, type StepState } from "./step-list";

/** One thing that is done: IAM wants everything taken from a user before the user goes. */
export interface Step {
  text: string;
  run: () => Promise<unknown>;
  call?: ApiCall;
}

interface Props {
  /** What is deleted; it is typed to confirm. */
  name: string;
  title?: string;
  /** What the button says; "Delete" unless said. */
  label?: string;
  /** What will break. */
  children?: ReactNode;
  /** In order; the last one deletes. Undefined while they are being found out. */
  steps: Step[] | undefined;
  onDone: () => void;
  onClose: (some: boolean) => void;
}

/** It stops at the first step that fails and says what is left; trying again goes on from there. */
export function ConfirmDelete({ name, title, label, children, steps, onDone, onClose }: Props) {
  const m = useMessages(common);
  const [typed, setTyped] = useState("");
  const [fixed, setFixed] = useState<Step[]>();
  const [states, setStates] = useState<StepState[]>([]);
  const [problem, setProblem] = useState<Problem>();
  const running = states.includes("running");
  const plan = fixed ?? steps ?? [];
  const left = plan.length - states.filter((s) => s === "done").length;

  const run = async () => {
    setFixed(plan); // what was confirmed is what is done, even if the lists are read anew meanwhile
    setProblem(undefined);
    const now = plan.map((_, i): StepState => (states[i] === "done" ? "done" : "pending"));
    for (const [i, step] of plan.entries()) {
      if (now[i] === "done") continue;
      now[i] = "running";
      setStates([...now]);
      try {
        await step.run();
        now[i] = "done";
      } catch (error) {
        now[i] = "failed";
        setStates([...now]);
        setProblem(problemOf(error));
        return;
      }
      setStates([...now]);
    }
    onDone();
  };

  const close = () => {
    if (!running) onClose(states.includes("done"));
  };
  const ready = typed === name && steps !== undefined && !running;
  const calls = plan.flatMap((step) => step.call ?? []);

  return (
    <Modal
      visible
      onDismiss={close}
      header={<span className="break">{title ?? m("confirmTitle", { name })}</span>}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={close} disabled={running}>
              {m("cancel")}
            </Button>
            <Button
              variant="primary"
              formAction="submit"
              form="confirm-delete"
              disabled={!ready}
              loading={running || steps === undefined}
            >
              {label ?? m("delete")}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id="confirm-delete"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void run();
        }}
      >
        <SpaceBetween size="m">
          {children}
          {(plan.length > 1 || problem) && (
            <StepList steps={plan.map((step, i) => ({ text: step.text, state: states[i] ?? "pending" }))} />
          )}
          {problem && (
            <>
              <ErrorPanel problem={problem} />
              <Alert type="warning">{m("stepsLeft", { count: left })}</Alert>
            </>
          )}
          <FormField
            label={m.rich("confirmType", { name: <strong className="break">{name}</strong> })}
            errorText={typed !== "" && !name.startsWith(typed) ? m("confirmRefused") : undefined}
          >
            <Input
              value={typed}
              placeholder={name}
              autoComplete={false}
              spellcheck={false}
              disabled={running}
              onChange={({ detail }) => setTyped(detail.value)}
            />
          </FormField>
          {calls.length > 0 && <ViewAs calls={calls} />}
        </SpaceBetween>
      </form>
    </Modal>
  );
}
