import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useRead, type Reading } from "@/aws";
import { GetUserCommand, useIam, type User } from "@/aws/iam";
import { AccessAdvisor } from "@/components/access-advisor";
import { ArnLink } from "@/components/arn-link";
import { KeyValue } from "@/components/key-value";
import { useGo, useParam, useTab } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";
import { ConsoleAccess } from "./console-access";
import { DeleteUser } from "./delete-user";
import { Groups } from "./groups";
import { Permissions } from "./permissions";
import { SecurityCredentials } from "./security-credentials";
import { Tags } from "./tags";

const tabs = ["permissions", "groups", "security", "tags", "advisor"] as const;

/** A user. Each panel asks for itself: whoever may not read one of them still sees the others. */
export function Component() {
  const name = useParam("name");
  const m = useMessages(messages);
  const go = useGo();
  const iam = useIam();
  const [tab, setTab] = useTab(tabs);
  const [deleting, setDeleting] = useState(false);
  const user = useRead(["iam", "user", name], async () => {
    const { User } = await iam.send(new GetUserCommand({ UserName: name }));
    return User;
  });

  return (
    <ContentLayout
      header={
        <Header variant="h1" actions={<Button onClick={() => setDeleting(true)}>{m("delete")}</Button>}>
          <span className="break">{name}</span>
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Summary user={user} name={name} />
        <Tabs
          activeTabId={tab}
          onChange={({ detail }) => setTab(detail.activeTabId)}
          tabs={[
            { id: "permissions", label: m("tabPermissions"), content: <Permissions name={name} user={user} /> },
            { id: "groups", label: m("tabGroups"), content: <Groups user={name} /> },
            { id: "security", label: m("tabSecurity"), content: <SecurityCredentials user={name} /> },
            { id: "tags", label: m("tabTags"), content: <Tags user={name} /> },
            { id: "advisor", label: m("tabAdvisor"), content: <AccessAdvisor of={user} /> },
          ]}
        />
      </SpaceBetween>
      {deleting && (
        <DeleteUser
          name={name}
          onClose={() => setDeleting(false)}
          onDeleted={() => go("/iam/users", { replace: true })}
        />
      )}
    </ContentLayout>
  );
}

function Summary({ user, name }: { user: Reading<User | undefined>; name: string }) {
  const m = useMessages(messages);
  return (
    <Container>
      <PanelState reading={user} lines={4}>
        {(u) => (
          <KeyValue
            pairs={[
              { label: m("arn"), value: <ArnLink arn={u?.Arn} copy /> },
              { label: m("consoleAccess"), value: <ConsoleAccess user={name} /> },
              { label: m("passwordLastUsed"), value: <Time value={u?.PasswordLastUsed} relative /> },
              { label: m("created"), value: <Time value={u?.CreateDate} /> },
              { label: m("id"), value: u?.UserId },
              {
                label: m("boundary"),
                value: u?.PermissionsBoundary && <ArnLink arn={u.PermissionsBoundary.PermissionsBoundaryArn} short />,
              },
            ]}
          />
        )}
      </PanelState>
    </Container>
  );
}
