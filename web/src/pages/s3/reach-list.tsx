import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMessages, type Texts } from "@/messages";
import messages from "@/messages/en/s3";
import type { Reach } from "./reach";
import type { BucketReach } from "./use-reach";

/** "Everyone: s3:GetObject, under conditions". */
function words(m: Texts<typeof messages.messages>, reach: Reach): string {
  const { who, actions } = reach;
  const named = who.kind === "everyone" ? m("reachEveryone") : m(`reach_${who.kind}`, { name: who.name });
  const whom = reach.except ? m("reachExcept", { who: named }) : named;
  const what = actions.some((a) => a === "*" || a === "s3:*") ? m("reachAll") : actions.join(", ");
  return m(reach.conditions ? "reachSomeIf" : "reachSome", { whom, what });
}

/** Whom a bucket's policy lets in beside its own account. */
export function ReachList({ reach }: { reach: BucketReach }) {
  const m = useMessages(messages);
  const { isPublic, others } = reach;
  if (others === undefined) return <StatusIndicator type="warning">{m("reachUnreadable")}</StatusIndicator>;
  const lines = others.map((other) => words(m, other));
  return (
    <>
      {isPublic && <StatusIndicator type="warning">{m("reachPublic")}</StatusIndicator>}
      {!isPublic && lines.length === 0 && <StatusIndicator type="success">{m("reachNobody")}</StatusIndicator>}
      {lines.map((line, i) => (
        <div key={i} className="break">
          {line}
        </div>
      ))}
    </>
  );
}
