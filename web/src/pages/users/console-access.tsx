import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useRead } from "@/aws";
import { GetLoginProfileCommand, useIam } from "@/aws/iam";
import { PanelState } from "@/components/panel-state";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";

/** The user's password, as far as it is told; null where there is none, which is no error, though IAM answers with one. */
export function useLoginProfile(user: string) {
  const iam = useIam();
  return useRead(["iam", "user", user, "login-profile"], async () => {
    try {
      return (await iam.send(new GetLoginProfileCommand({ UserName: user }))).LoginProfile ?? null;
    } catch (error) {
      if ((error as Error).name === "NoSuchEntityException") return null;
      throw error;
    }
  });
}

/** Whether the user has a password. */
export function ConsoleAccess({ user }: { user: string }) {
  const m = useMessages(messages);
  const profile = useLoginProfile(user);
  return (
    <PanelState reading={profile} lines={1}>
      {(found) =>
        found ? (
          <StatusIndicator type="success">
            {m.rich("consoleYes", { date: <Time value={found.CreateDate} date /> })}
          </StatusIndicator>
        ) : (
          <StatusIndicator type="stopped">{m("consoleNo")}</StatusIndicator>
        )
      }
    </PanelState>
  );
}
