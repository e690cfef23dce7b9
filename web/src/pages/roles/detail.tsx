import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useSession, type Reading } from "@/aws";
import type { Role } from "@/aws/iam";
import { AccessAdvisor } from "@/components/access-advisor";
import { ArnLink } from "@/components/arn-link";
import { CopyButton } from "@/components/copy-button";
import { KeyValue } from "@/components/key-value";
import { path, useGo, useParam, useTab, useTo } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { AttachedPolicies } from "@/components/permissions/attached-policies";
import { Boundary } from "@/components/permissions/boundary";
import { InlinePolicies } from "@/components/permissions/inline-policies";
import { Time } from "@/components/time";
import { documentText, readTrust, trustNeeds } from "@/components/trust";
import { TrustWords } from "@/components/trust-words";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/roles";
import { isServiceLinked, useRole } from "./data";
import { DeleteRole } from "./delete-role";
import { useDuration } from "./duration";
import { EditRole } from "./edit-role";
import { Sessions } from "./sessions";
import { roleWithPath, switchLink } from "./switch-link";
import { Tags } from "./tags";
import { Trust } from "./trust";
import { UseIt } from "./use-it";

const tabs = ["permissions", "trust", "tags", "advisor", "sessions", "use"] as const;

/** A role. Each panel asks for itself: whoever may not read one of them still sees the others. */
export function Component() {
  const name = useParam("name");
  const m = useMessages(messages);
  const go = useGo();
  const [tab, setTab] = useTab(tabs);
  const [open, setOpen] = useState<"edit" | "delete">();
  const role = useRole(name);
  const fixed = isServiceLinked(role.data?.Path ?? "/");
  const close = () => setOpen(undefined);

  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={role.data?.Description}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={role.data === undefined} onClick={() => setOpen("edit")}>
                {m("edit")}
              </Button>
              <Button onClick={() => setOpen("delete")}>{m("delete")}</Button>
            </SpaceBetween>
          }
        >
          <span className="break">{name}</span>
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Summary role={role} />
        <Tabs
          activeTabId={tab}
          onChange={({ detail }) => setTab(detail.activeTabId)}
          tabs={[
            {
              id: "permissions",
              label: m("tabPermissions"),
              content: <Permissions name={name} role={role} fixed={fixed} />,
            },
            { id: "trust", label: m("tabTrust"), content: <Trust name={name} role={role} /> },
            { id: "tags", label: m("tabTags"), content: <Tags role={name} /> },
            { id: "advisor", label: m("tabAdvisor"), content: <AccessAdvisor of={role} /> },
            { id: "sessions", label: m("tabSessions"), content: <Sessions name={name} role={role} /> },
            { id: "use", label: m("tabUse"), content: <UseIt role={role} /> },
          ]}
        />
      </SpaceBetween>
      {open === "edit" && role.data && <EditRole role={role.data} close={close} />}
      {open === "delete" && (
        <DeleteRole name={name} onClose={close} onDeleted={() => go("/iam/roles", { replace: true })} />
      )}
    </ContentLayout>
  );
}

function Summary({ role }: { role: Reading<Role> }) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const duration = useDuration();
  return (
    <Container>
      <PanelState reading={role} lines={4}>
        {(r) => (
          <SpaceBetween size="m">
            {isServiceLinked(r.Path ?? "/") && (
              <StatusIndicator type="info">
                {m("serviceLinked", { service: r.Path?.split("/")[2] ?? "" })}
              </StatusIndicator>
            )}
            <KeyValue
              pairs={[
                { label: m("arn"), value: <ArnLink arn={r.Arn} copy /> },
                { label: m("trusted"), value: <TrustWords document={documentText(r.AssumeRolePolicyDocument)} /> },
                { label: m("switchLink"), value: <SwitchLink role={r} /> },
                { label: m("maxSession"), value: duration(r.MaxSessionDuration ?? 3600) },
                {
                  label: m("lastActivity"),
                  value: <Time value={r.RoleLastUsed?.LastUsedDate} relative none={c("never")} />,
                },
                { label: m("age"), value: <Time value={r.CreateDate} /> },
              ]}
            />
          </SpaceBetween>
        )}
      </PanelState>
    </Container>
  );
}

function SwitchLink({ role }: { role: Role }) {
  const m = useMessages(messages);
  const { session } = useSession();
  const needs = trustNeeds(readTrust(documentText(role.AssumeRolePolicyDocument)));
  if (!needs.people) return <>{m("switchNone")}</>;
  if (needs.externalId !== undefined) return <>{m("switchExternalId")}</>;
  const link = switchLink(location.origin, {
    account: session.accountId,
    alias: session.accountAlias,
    role: roleWithPath(role.Path ?? "/", role.RoleName ?? ""),
  });
  return <CopyButton text={link} name={m("switchLink")} shown />;
}

function Permissions({ name, role, fixed }: { name: string; role: Reading<Role>; fixed: boolean }) {
  const to = useTo();
  const entity = { kind: "role" as const, name };
  const boundary: Reading<string> = {
    ...role,
    data: role.data && (role.data.PermissionsBoundary?.PermissionsBoundaryArn ?? ""),
  };
  return (
    <SpaceBetween size="l">
      <AttachedPolicies entity={entity} fixed={fixed} />
      <InlinePolicies
        entity={entity}
        fixed={fixed}
        editor={(policy) =>
          to(path`/iam/roles/${name}/inline` + (policy === undefined ? "" : `?${new URLSearchParams({ policy })}`))
        }
      />
      <Boundary entity={entity} boundary={boundary} fixed={fixed} />
    </SpaceBetween>
  );
}
