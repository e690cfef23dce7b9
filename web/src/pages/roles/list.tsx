import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useSession } from "@/aws";
import { ArnLink } from "@/components/arn-link";
import { Empty } from "@/components/empty";
import { path, useTo } from "@/components/links";
import { ResourceTable, type Column } from "@/components/resource-table";
import { Time } from "@/components/time";
import { isLoose } from "@/components/trust";
import { TrustWords, useTrustLines } from "@/components/trust-words";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/roles";
import { useLastUsed, useRoles, type RoleRow } from "./data";
import { DeleteRole } from "./delete-role";
import { useDuration } from "./duration";

export function Component() {
  const m = useMessages(messages);
  const to = useTo();
  const duration = useDuration();
  const lines = useTrustLines();
  const roles = useRoles();
  const { session } = useSession();
  const [deleting, setDeleting] = useState<string>();

  const columns: Column<RoleRow>[] = [
    {
      id: "name",
      header: m("name"),
      value: (r) => r.name,
      cell: (r) => <Link href={to(path`/iam/roles/${r.name}`)}>{r.name}</Link>,
      minWidth: 200,
    },
    {
      id: "trust",
      header: m("trusted"),
      value: (r) => lines(r.trust).join("; "),
      cell: (r) => <TrustWords document={r.trust} />,
      minWidth: 260,
    },
    {
      id: "used",
      header: m("lastActivity"),
      value: (r) => r.lastUsed ?? undefined,
      cell: (r) => <LastActivity role={r} />,
    },
    { id: "age", header: m("age"), value: (r) => r.created, cell: (r) => <Time value={r.created} relative /> },
    { id: "loose", header: m("loose"), value: (r) => isLoose(r.trust, session.accountId), hidden: true },
    { id: "path", header: m("path"), value: (r) => r.path, hidden: true },
    { id: "description", header: m("roleDescription"), value: (r) => r.description, hidden: true },
    {
      id: "max",
      header: m("maxSession"),
      value: (r) => r.maxSession,
      cell: (r) => duration(r.maxSession),
      hidden: true,
    },
    { id: "arn", header: m("arn"), value: (r) => r.arn, cell: (r) => <ArnLink arn={r.arn} copy />, hidden: true },
    { id: "id", header: m("id"), value: (r) => r.id, hidden: true },
  ];

  return (
    <>
      <ResourceTable
        name="roles"
        title={m("title")}
        heading="h1"
        variant="full-page"
        description={m("description")}
        list={roles}
        columns={columns}
        rowId={(r) => r.name}
        selection="single"
        empty={
          <Empty
            title={m("emptyTitle")}
            text={m("emptyText")}
            action={<Button href={to("/iam/roles/create")}>{m("create")}</Button>}
            cli="aws iam create-role --role-name s3-admin --assume-role-policy-document file://trust.json"
          />
        }
        actions={([selected]) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!selected} onClick={() => setDeleting(selected?.name)}>
              {m("delete")}
            </Button>
            <Button variant="primary" href={to("/iam/roles/create")}>
              {m("create")}
            </Button>
          </SpaceBetween>
        )}
      />
      {deleting !== undefined && <DeleteRole name={deleting} onClose={() => setDeleting(undefined)} />}
    </>
  );
}

function LastActivity({ role }: { role: RoleRow }) {
  const c = useMessages(common);
  const m = useMessages(messages);
  const asked = useLastUsed(role.name, role.lastUsed);
  const used = role.lastUsed === undefined ? asked.data : role.lastUsed;
  if (used === undefined) return <>{asked.problem ? m("lastActivityUnknown") : "…"}</>;
  return <Time value={used ?? undefined} relative none={c("never")} />;
}
