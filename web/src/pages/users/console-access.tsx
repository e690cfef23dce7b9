import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useRead } from "@/aws";
import { GetLoginProfileCommand, useIam } from "@/aws/iam";
import { PanelState } from "@/components/panel-state";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";

/** Whether the user has a password. To have none is no error, though IAM answers with one. */
export function ConsoleAccess({ user }: { user: string }) {
  const m = useMessages(messages);
  const iam = useIam();
  const profile = useRead(["iam", "user", user, "login-profile"], async () => {
    try {
      return (await iam.send(new GetLoginProfileCommand({ UserName: user }))).LoginProfile ?? null;
    } catch (error) {
      if ((error as Error).name === "NoSuchEntityException") return null;
      throw error;
    }
  });
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
