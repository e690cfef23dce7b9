/** When and for what an access key was last used. */
import { now, useRead, type Reading } from "@/aws";
import { GetAccessKeyLastUsedCommand, useIam, type AccessKeyLastUsed } from "@/aws/iam";
import { useMessages } from "@/messages";
import credentials from "@/messages/en/credentials";
import { Time } from "../time";

/** Keys older than this should be changed. */
export const oldKeyDays = 90;

export function ageInDays(created: Date | undefined): number {
  return created ? Math.max(0, Math.floor((now() - created.getTime()) / 86_400_000)) : 0;
}

export function useKeyUse(key: string): Reading<AccessKeyLastUsed | null> {
  const iam = useIam();
  return useRead(
    ["iam", "access-key", key, "last-used"],
    async () => (await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key }))).AccessKeyLastUsed ?? null,
  );
}

export function KeyUse({ id }: { id: string }) {
  const m = useMessages(credentials);
  const { data: use, problem } = useKeyUse(id);
  if (problem) return <>{m("keyUseHidden")}</>;
  if (!use) return null;
  if (!use.LastUsedDate) return <>{m("keyNeverUsed")}</>;
  return (
    <>
      {m.rich("keyUsed", {
        time: <Time value={use.LastUsedDate} relative />,
        service: use.ServiceName,
        region: use.Region,
      })}
    </>
  );
}
