import Button from "@cloudscape-design/components/button";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useProblemTitle } from "@/components/error-panel";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { ReachList } from "./reach-list";
import { useReach } from "./use-reach";

/** Who else can reach a bucket, asked when somebody wants to know: a list of buckets would be as many requests. */
export function ReachCell({ bucket }: { bucket: string }) {
  const m = useMessages(messages);
  const titleOf = useProblemTitle();
  const [asked, setAsked] = useState(false);
  const reach = useReach(bucket, asked);
  if (reach.problem) return <StatusIndicator type="info">{titleOf(reach.problem)}</StatusIndicator>;
  if (reach.data) return <ReachList reach={reach.data} />;
  return (
    <Button
      formAction="none"
      variant="inline-link"
      loading={reach.loading}
      ariaLabel={m("reachAskName", { name: bucket })}
      onClick={() => setAsked(true)}
    >
      {m("reachAsk")}
    </Button>
  );
}
