import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useProblemTitle } from "@/components/error-panel";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { ReachList } from "./reach-list";
import { useReach } from "./use-reach";

/** Whether S3 takes a bucket for public. Only the rows that are shown ask. */
export function PublicCell({ bucket }: { bucket: string }) {
  const m = useMessages(messages);
  const { data, problem } = useReach(bucket);
  if (problem) return <StatusIndicator type="info">{m("publicUnknown")}</StatusIndicator>;
  if (!data) return <StatusIndicator type="loading">{m("asking")}</StatusIndicator>;
  return (
    <StatusIndicator type={data.isPublic ? "warning" : "success"}>
      {m(data.isPublic ? "publicYes" : "publicNo")}
    </StatusIndicator>
  );
}

/** Who else can reach a bucket: both cells of a row ask once. */
export function ReachCell({ bucket }: { bucket: string }) {
  const m = useMessages(messages);
  const titleOf = useProblemTitle();
  const { data, problem } = useReach(bucket);
  if (problem) return <StatusIndicator type="info">{titleOf(problem)}</StatusIndicator>;
  if (!data) return <StatusIndicator type="loading">{m("asking")}</StatusIndicator>;
  return <ReachList reach={data} />;
}
