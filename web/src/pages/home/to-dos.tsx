import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useRead, useSession } from "@/aws";
import { ListAccessKeysCommand, ListMFADevicesCommand, useIam } from "@/aws/iam";
import { sessionName } from "@/components/account";
import { credentialsKey, useOwnHolder } from "@/components/credentials/holder";
import { ageInDays, oldKeyDays } from "@/components/credentials/key-use";
import { ErrorPanel } from "@/components/error-panel";
import { useTo } from "@/components/links";
import { Loading } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/home";

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
  const holder = useOwnHolder();
  const enabled = holder !== undefined;
  // Below the key that a change of one's credentials invalidates.
  const key = [...credentialsKey(holder ?? { userName: undefined, own: true }), "to-dos"];
  const devices = useRead([...key, "mfa"], () => iam.send(new ListMFADevicesCommand({})), { enabled });
  const keys = useRead([...key, "keys"], () => iam.send(new ListAccessKeysCommand({})), { enabled });

  const todos: ToDo[] = [];
  const credentials = "/security-credentials";
  if (session.kind === "root") {
    todos.push({ id: "root", text: m("todoRoot"), action: m("todoRootAction"), to: "/iam/users/create" });
  }
  if (devices.data?.MFADevices?.length === 0) {
    const text = m(session.kind === "root" ? "todoRootMfa" : "todoMfa");
    todos.push({ id: "mfa", text, action: m("todoMfaAction"), to: credentials });
  }
  for (const { AccessKeyId: id = "", Status, CreateDate } of keys.data?.AccessKeyMetadata ?? []) {
    const days = ageInDays(CreateDate);
    if (session.kind === "root") {
      todos.push({ id, text: m("todoRootKey", { key: id }), action: m("todoRootKeyAction"), to: credentials });
    } else if (Status === "Inactive") {
      todos.push({ id, text: m("todoInactiveKey", { key: id }), action: m("todoInactiveKeyAction"), to: credentials });
    } else if (days >= oldKeyDays) {
      todos.push({ id, text: m("todoOldKey", { key: id, days }), action: m("todoOldKeyAction"), to: credentials });
    }
  }
  const problems = [devices, keys].filter((reading) => reading.problem);

  return (
    <Container fitHeight header={<Header variant="h2">{m("todosTitle")}</Header>}>
      {holder === undefined ? (
        <StatusIndicator type="info">
          {session.kind === "role" && signedIn.kind !== "federated"
            ? m("todosRole", { user: sessionName(signedIn) })
            : m("todosElsewhere")}
        </StatusIndicator>
      ) : devices.loading || keys.loading ? (
        <Loading />
      ) : (
        <SpaceBetween size="s">
          {/* What may not be read hides nothing of what may. */}
          {problems.map(
            (reading, i) => reading.problem && <ErrorPanel key={i} problem={reading.problem} retry={reading.reload} />,
          )}
          {todos.length === 0 && problems.length === 0 && (
            <StatusIndicator type="success">{m("todosNone")}</StatusIndicator>
          )}
          {todos.map((todo) => (
            <Alert key={todo.id} type="warning" action={<Button href={to(todo.to)}>{todo.action}</Button>}>
              {todo.text}
            </Alert>
          ))}
        </SpaceBetween>
      )}
    </Container>
  );
}
