import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";

/** Stands for a part that only JSON shows. */
export function OtherPart({ name, onShowJson }: { name: string; onShowJson: () => void }) {
  const m = useMessages(words);
  return (
    <SpaceBetween size="s" direction="horizontal" alignItems="center">
      <StatusIndicator type="info">{m("visualOther", { name })}</StatusIndicator>
      <Button formAction="none" variant="inline-link" onClick={onShowJson}>
        {m("visualEdit")}
      </Button>
    </SpaceBetween>
  );
}
