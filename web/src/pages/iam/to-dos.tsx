/** What should be done for the account's security: each leads to the list of what it is about. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";
import { readAll, useRead, useSession, type Reading } from "@/aws";
import { ListRolesCommand, useIam } from "@/aws/iam";
import { keyAge, keyUnused, useCredentialReport } from "@/components/credential-report";
import { oldKeyDays } from "@/components/credentials/key-use";
import { useTo } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { Time } from "@/components/time";
import { documentText, isLoose } from "@/components/trust";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import credentialReport from "@/messages/en/credential-report";
import messages from "@/messages/en/iam";
import { useSummary } from "./summary";

/** Keys that were not used for so long are not needed. */
const unusedKeyDays = 45;

interface ToDo {
  id: string;
  title: string;
  text: string;
  action?: string;
  to?: string;
}

export function ToDos() {
  const m = useMessages(messages);
  return (
    <Container
      header={
        <Header variant="h2" description={m("todosText")}>
          {m("todosTitle")}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <OfRoot />
        <OfUsers />
        <OfRoles />
      </SpaceBetween>
    </Container>
  );
}

/** To-dos of one source: which may be denied, while the others are not. */
function Source<T>({
  none,
  reading,
  todos,
  children,
}: {
  /** What is said where there is nothing to do. */
  none: string;
  reading: Reading<T>;
  todos: (data: T) => ToDo[];
  children?: (data: T) => ReactNode;
}) {
  const to = useTo();
  return (
    <PanelState reading={reading} lines={1}>
      {(data) => {
        const found = todos(data);
        return (
          <SpaceBetween size="s">
            {found.length === 0 && <StatusIndicator type="success">{none}</StatusIndicator>}
            {found.map((todo) => (
              <Alert
                key={todo.id}
                type="warning"
                header={todo.title}
                action={todo.to !== undefined && <Button href={to(todo.to)}>{todo.action}</Button>}
              >
                {todo.text}
              </Alert>
            ))}
            {children?.(data)}
          </SpaceBetween>
        );
      }}
    </PanelState>
  );
}

function OfRoot() {
  const m = useMessages(messages);
  const { session } = useSession();
  const summary = useSummary();
  const c = useMessages(credentialReport);
  const own =
    session.kind === "root"
      ? { action: m("rootKeyAct"), to: "/security-credentials" }
      : { action: m("showReport"), to: `/iam/credential-report?${new URLSearchParams({ f: `user=${c("root")}` })}` };
  return (
    <Source
      none={m("noneRoot")}
      reading={summary}
      todos={(map) => [
        ...(map.AccountAccessKeysPresent ? [{ id: "key", title: m("rootKey"), text: m("rootKeyText"), ...own }] : []),
        ...(map.AccountMFAEnabled ? [] : [{ id: "mfa", title: m("rootMfa"), text: m("rootMfaText"), ...own }]),
      ]}
    />
  );
}

function OfUsers() {
  const m = useMessages(messages);
  const c = useMessages(common);
  const report = useCredentialReport();
  const list = (...filters: string[]) =>
    `/iam/users?${new URLSearchParams([["more", "1"], ...filters.map((f) => ["f", f])])}`;
  return (
    <Source
      none={m("noneUsers")}
      reading={report}
      todos={({ rows }) => {
        const users = rows.filter((row) => !row.root);
        const noMfa = users.filter((row) => row.password && !row.mfa).length;
        const old = users.filter((row) => (keyAge(row) ?? 0) >= oldKeyDays).length;
        const unused = users.filter((row) => (keyUnused(row) ?? 0) >= unusedKeyDays).length;
        const action = m("showUsers");
        const todos: ToDo[] = [];
        if (noMfa > 0) {
          todos.push({
            id: "mfa",
            title: m("usersMfa", { count: noMfa }),
            text: m("usersMfaText"),
            action,
            to: list(`console=${c("yes")}`, `mfa=${c("no")}`),
          });
        }
        if (old > 0) {
          todos.push({
            id: "old",
            title: m("oldKeys", { count: old, days: oldKeyDays }),
            text: m("oldKeysText"),
            action,
            to: list(`key>=${oldKeyDays}`),
          });
        }
        if (unused > 0) {
          todos.push({
            id: "unused",
            title: m("unusedKeys", { count: unused, days: unusedKeyDays }),
            text: m("unusedKeysText"),
            action,
            to: list(`unused>=${unusedKeyDays}`),
          });
        }
        return todos;
      }}
    >
      {({ made }) =>
        made && (
          <Box fontSize="body-s" color="text-body-secondary">
            {m.rich("todosReport", { time: <Time value={made} /> })}
          </Box>
        )
      }
    </Source>
  );
}

function OfRoles() {
  const m = useMessages(messages);
  const c = useMessages(common);
  const iam = useIam();
  const { session } = useSession();
  const loose = useRead(["iam", "roles", "loose"], async () => {
    const roles = await readAll(async (Marker) => {
      const page = await iam.send(new ListRolesCommand({ Marker, MaxItems: 1000 }));
      return { items: page.Roles ?? [], next: page.Marker };
    });
    return roles.filter((r) => isLoose(documentText(r.AssumeRolePolicyDocument), session.accountId)).length;
  });
  return (
    <Source
      none={m("noneRoles")}
      reading={loose}
      todos={(count) =>
        count === 0
          ? []
          : [
              {
                id: "loose",
                title: m("looseRoles", { count }),
                text: m("looseRolesText"),
                action: m("showRoles"),
                to: `/iam/roles?${new URLSearchParams({ f: `loose=${c("yes")}` })}`,
              },
            ]
      }
    />
  );
}
