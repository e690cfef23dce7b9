import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";

export type StepState = "pending" | "running" | "done" | "failed";

const shown = {
  pending: { type: "pending", text: "stepPending" },
  running: { type: "in-progress", text: "stepRunning" },
  done: { type: "success", text: "stepDone" },
  failed: { type: "error", text: "stepFailed" },
} as const;

/** What is done one thing after another, and how far it has got. */
export function StepList({ steps }: { steps: { text: string; state: StepState }[] }) {
  const m = useMessages(common);
  return (
    <ol className="steps" aria-label={m("stepsLabel")}>
      {steps.map(({ text, state }, i) => (
        <li key={i}>
          <StatusIndicator type={shown[state].type} iconAriaLabel={m(shown[state].text)}>
            {text}
          </StatusIndicator>
        </li>
      ))}
    </ol>
  );
}

/** The state of the step at i, when so many are done and the next is running, or has failed. */
export function stateAt(i: number, done: number, running: boolean): StepState {
  if (i < done) return "done";
  if (i > done) return "pending";
  return running ? "running" : "failed";
}
