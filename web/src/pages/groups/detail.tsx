import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { readAll, useRead } from "@/aws";
import { GetGroupCommand, useIam } from "@/aws/iam";
import { ArnLink } from "@/components/arn-link";
import { KeyValue } from "@/components/key-value";
import { path, useGo, useParam, useTab, useTo } from "@/components/links";
import { rolesNamed } from "@/components/other-side";
import { OtherSide } from "@/components/other-side-panel";
import { PanelState } from "@/components/panel-state";
import { AttachedPolicies } from "@/components/permissions/attached-policies";
import { policiesKey, policiesOf } from "@/components/permissions/entity";
import { InlinePolicies } from "@/components/permissions/inline-policies";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/groups";
import { DeleteGroup } from "./delete-group";
import { Members } from "./members";

const tabs = ["users", "permissions"] as const;

/** A group. Each panel asks for itself: whoever may not read one of them still sees the others. */
export function Component() {
  const name = useParam("name");
  const m = useMessages(messages);
  const go = useGo();
  const iam = useIam();
  const [tab, setTab] = useTab(tabs);
  const [deleting, setDeleting] = useState(false);
  const group = useRead(["iam", "group", name], async () => {
    const { Group } = await iam.send(new GetGroupCommand({ GroupName: name, MaxItems: 1 }));
    return Group;
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
        <Container>
          <PanelState reading={group} lines={2}>
            {(g) => (
              <KeyValue
                pairs={[
                  { label: m("arn"), value: <ArnLink arn={g?.Arn} copy /> },
                  { label: m("created"), value: <Time value={g?.CreateDate} /> },
                  { label: m("id"), value: g?.GroupId },
                ]}
              />
            )}
          </PanelState>
        </Container>
        <Tabs
          activeTabId={tab}
          onChange={({ detail }) => setTab(detail.activeTabId)}
          tabs={[
            { id: "users", label: m("tabUsers"), content: <Members group={name} /> },
            { id: "permissions", label: m("tabPermissions"), content: <Permissions name={name} /> },
          ]}
        />
      </SpaceBetween>
      {deleting && (
        <DeleteGroup
          name={name}
          onClose={() => setDeleting(false)}
          onDeleted={() => go("/iam/groups", { replace: true })}
        />
      )}
    </ContentLayout>
  );
}

function Permissions({ name }: { name: string }) {
  const to = useTo();
  const entity = { kind: "group" as const, name };
  return (
    <SpaceBetween size="l">
      <AttachedPolicies entity={entity} />
      <InlinePolicies
        entity={entity}
        editor={(policy) =>
          to(path`/iam/groups/${name}/inline` + (policy === undefined ? "" : `?${new URLSearchParams({ policy })}`))
        }
      />
      <Roles name={name} />
    </SpaceBetween>
  );
}

/** The roles that inline policies name, and whether they trust this account. Nothing where there are none. */
function Roles({ name }: { name: string }) {
  const m = useMessages(messages);
  const iam = useIam();
  const entity = { kind: "group" as const, name };
  const named = useRead([...policiesKey(entity), "roles"], async () => {
    const policies = policiesOf(iam, entity);
    const documents = await Promise.all((await readAll(policies.inline)).map(policies.get));
    const all = new Map(documents.flatMap(rolesNamed).map((role) => [role.arn, role]));
    return [...all.values()];
  });
  // That it may not be read is said above, where the policies are.
  if (!named.data || named.data.length === 0) return null;
  return (
    <Container
      header={
        <Header variant="h2" description={m("otherText")}>
          {m("otherTitle")}
        </Header>
      }
    >
      <OtherSide roles={named.data} />
    </Container>
  );
}
