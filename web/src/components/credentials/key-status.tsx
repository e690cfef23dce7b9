/** Whether an access key is active, and what switches it. */
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useWrite } from "@/aws";
import { UpdateAccessKeyCommand, useIam } from "@/aws/iam";
import { useMessages } from "@/messages";
import credentials from "@/messages/en/credentials";
import { credentialsKey, type Holder } from "./holder";

export function KeyStatus({ status }: { status: string | undefined }) {
  const m = useMessages(credentials);
  const active = status === "Active";
  return (
    <StatusIndicator type={active ? "success" : "stopped"}>{m(active ? "keyActive" : "keyInactive")}</StatusIndicator>
  );
}

/** Returns what switches a holder's keys on and off. */
export function useKeyStatus(holder: Holder, flashProblem = false) {
  const m = useMessages(credentials);
  const iam = useIam();
  const UserName = holder.own ? undefined : holder.userName;
  return useWrite(
    ({ key, active }: { key: string; active: boolean }) =>
      iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: key, Status: active ? "Active" : "Inactive" })),
    {
      invalidates: [credentialsKey(holder)],
      done: (_, { key, active }) => m(active ? "keyActivated" : "keyDeactivated", { key }),
      flashProblem,
    },
  );
}
