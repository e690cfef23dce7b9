import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { now, useRead, useSession, type Reading } from "@/aws";
import { ListAccessKeysCommand, ListMFADevicesCommand, useIam, type AccessKeyMetadata } from "@/aws/iam";
import { sessionName } from "@/components/account";
import { useTo } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/home";

/** Keys older than this should be changed. */
const oldKeyDays = 90;

interface ToDo {
  id: string;
  text: string;
  action: string;
  to: string;
}

/** What the signed-in user should do for their own credentials. */
export function ToDos() {
  const m = useMessages(messages);
  const to = useTo();
  const iam = useIam();
  const { session, signedIn } = useSession();
  const own = session.kind === "user";
  const devices = useRead(["iam", "mfa-devices", "self"], () => iam.send(new ListMFADevicesCommand({})), {
    enabled: own,
  });
  const keys = useRead(["iam", "access-keys", "self"], () => iam.send(new ListAccessKeysCommand({})), { enabled: own });

  const todos: ToDo[] = [];
  const credentials = "/security-credentials";
  if (session.kind === "root") {
    todos.push({ id: "root", text: m("todoRoot"), action: m("todoRootAction"), to: "/iam/users/create" });
    if (!session.mfa) todos.push({ id: "mfa", text: m("todoRootMfa"), action: m("todoMfaAction"), to: credentials });
  }
  if (devices.data?.MFADevices?.length === 0) {
    todos.push({ id: "mfa", text: m("todoMfa"), action: m("todoMfaAction"), to: credentials });
  }
  for (const key of keys.data?.AccessKeyMetadata ?? []) {
    const days = ageInDays(key);
    if (days < oldKeyDays) continue;
    const text = m("todoOldKey", { key: key.AccessKeyId ?? "", days });
    todos.push({ id: key.AccessKeyId ?? "", text, action: m("todoOldKeyAction"), to: credentials });
  }

  return (
    <Container fitHeight header={<Header variant="h2">{m("todosTitle")}</Header>}>
      <PanelState reading={own ? both(devices, keys) : settled}>
        {() =>
          session.kind === "role" ? (
            <StatusIndicator type="info">{m("todosRole", { user: sessionName(signedIn) })}</StatusIndicator>
          ) : todos.length === 0 ? (
            <StatusIndicator type="success">{m("todosNone")}</StatusIndicator>
          ) : (
            <SpaceBetween size="s">
              {todos.map((todo) => (
                <Alert key={todo.id} type="warning" action={<Button href={to(todo.to)}>{todo.action}</Button>}>
                  {todo.text}
                </Alert>
              ))}
            </SpaceBetween>
          )
        }
      </PanelState>
    </Container>
  );
}

function ageInDays(key: AccessKeyMetadata): number {
  return key.CreateDate ? Math.floor((now() - key.CreateDate.getTime()) / 86_400_000) : 0;
}

const settled: Reading<true> = {
  data: true,
  problem: undefined,
  loading: false,
  refreshing: false,
  readAt: undefined,
  reload: () => {},
};

/** Two readings of which the panel needs both. */
function both(a: Reading<unknown>, b: Reading<unknown>): Reading<true> {
  return {
    data: a.data !== undefined && b.data !== undefined ? true : undefined,
    problem: a.problem ?? b.problem,
    loading: a.loading || b.loading,
    refreshing: a.refreshing || b.refreshing,
    readAt: a.readAt,
    reload: () => {
      a.reload();
      b.reload();
    },
  };
}
