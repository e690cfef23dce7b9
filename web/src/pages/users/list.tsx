import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useList } from "@/aws";
import { ListUsersCommand, useIam, type User } from "@/aws/iam";
import { ArnLink } from "@/components/arn-link";
import { Empty } from "@/components/empty";
import { path, useTo } from "@/components/links";
import { ResourceTable, type Column } from "@/components/resource-table";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";
import { DeleteUser } from "./delete-user";

export function Component() {
  const m = useMessages(messages);
  const to = useTo();
  const iam = useIam();
  const [deleting, setDeleting] = useState<User>();
  const users = useList(["iam", "users"], async (Marker) => {
    const page = await iam.send(new ListUsersCommand({ Marker, MaxItems: 1000 }));
    return { items: page.Users ?? [], next: page.Marker };
  });

  const columns: Column<User>[] = [
    {
      id: "name",
      header: m("name"),
      value: (u) => u.UserName,
      cell: (u) => <Link href={to(path`/iam/users/${u.UserName ?? ""}`)}>{u.UserName}</Link>,
    },
    { id: "path", header: m("path"), value: (u) => u.Path },
    {
      id: "password",
      header: m("passwordLastUsed"),
      value: (u) => u.PasswordLastUsed,
      cell: (u) => <Time value={u.PasswordLastUsed} relative />,
    },
    { id: "created", header: m("created"), value: (u) => u.CreateDate, cell: (u) => <Time value={u.CreateDate} /> },
    { id: "arn", header: m("arn"), value: (u) => u.Arn, cell: (u) => <ArnLink arn={u.Arn} copy />, hidden: true },
    { id: "id", header: m("id"), value: (u) => u.UserId, hidden: true },
  ];
  const create = (
    <Button variant="primary" href={to("/iam/users/create")}>
      {m("create")}
    </Button>
  );

  return (
    <>
      <ResourceTable
        name="users"
        title={m("title")}
        heading="h1"
        variant="full-page"
        description={m("description")}
        list={users}
        columns={columns}
        rowId={(u) => u.UserName ?? ""}
        selection="single"
        empty={
          <Empty
            title={m("emptyTitle")}
            text={m("emptyText")}
            action={<Button href={to("/iam/users/create")}>{m("create")}</Button>}
            cli="aws iam create-user --user-name alice"
          />
        }
        actions={([selected]) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!selected} onClick={() => setDeleting(selected)}>
              {m("delete")}
            </Button>
            {create}
          </SpaceBetween>
        )}
      />
      {deleting && <DeleteUser name={deleting.UserName ?? ""} onClose={() => setDeleting(undefined)} />}
    </>
  );
}
