import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { ArnLink } from "@/components/arn-link";
import { Empty } from "@/components/empty";
import { path, useTo } from "@/components/links";
import { ResourceTable, type Column } from "@/components/resource-table";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/groups";
import { useCounts, useGroups, type Counts, type GroupRow } from "./data";
import { DeleteGroup } from "./delete-group";

export function Component() {
  const m = useMessages(messages);
  const to = useTo();
  const groups = useGroups();
  const [deleting, setDeleting] = useState<string>();

  const columns: Column<GroupRow>[] = [
    {
      id: "name",
      header: m("name"),
      value: (g) => g.name,
      cell: (g) => <Link href={to(path`/iam/groups/${g.name}`)}>{g.name}</Link>,
    },
    { id: "users", header: m("users"), value: (g) => g.counts?.users, cell: (g) => <Count group={g} of="users" /> },
    {
      id: "policies",
      header: m("policies"),
      value: (g) => g.counts?.policies,
      cell: (g) => <Count group={g} of="policies" />,
    },
    { id: "created", header: m("created"), value: (g) => g.created, cell: (g) => <Time value={g.created} relative /> },
    { id: "path", header: m("path"), value: (g) => g.path, hidden: true },
    { id: "arn", header: m("arn"), value: (g) => g.arn, cell: (g) => <ArnLink arn={g.arn} copy />, hidden: true },
    { id: "id", header: m("id"), value: (g) => g.id, hidden: true },
  ];

  return (
    <>
      <ResourceTable
        name="groups"
        title={m("title")}
        heading="h1"
        variant="full-page"
        description={m("description")}
        list={groups}
        columns={columns}
        rowId={(g) => g.name}
        selection="single"
        empty={
          <Empty
            title={m("emptyTitle")}
            text={m("emptyText")}
            action={<Button href={to("/iam/groups/create")}>{m("create")}</Button>}
            cli="aws iam create-group --group-name grp_s3_admin"
          />
        }
        actions={([selected]) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!selected} onClick={() => setDeleting(selected?.name)}>
              {m("delete")}
            </Button>
            <Button variant="primary" href={to("/iam/groups/create")}>
              {m("create")}
            </Button>
          </SpaceBetween>
        )}
      />
      {deleting !== undefined && <DeleteGroup name={deleting} onClose={() => setDeleting(undefined)} />}
    </>
  );
}

function Count({ group, of }: { group: GroupRow; of: keyof Counts }) {
  const m = useMessages(messages);
  const asked = useCounts(group.name, group.counts);
  const counts = group.counts ?? asked.data;
  if (counts) return <>{counts[of]}</>;
  return <>{asked.problem ? m("unknown") : "…"}</>;
}
