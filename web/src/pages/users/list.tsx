import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useSearchParams } from "react-router";
import type { User } from "@/aws/iam";
import { ArnLink } from "@/components/arn-link";
import { keyAge, keyUnused, lastActivity, passwordAge } from "@/components/credential-report";
import { Empty } from "@/components/empty";
import { ErrorPanel } from "@/components/error-panel";
import { path, useTo } from "@/components/links";
import { ResourceTable, type Column } from "@/components/resource-table";
import { Time } from "@/components/time";
import { useMessages, type Texts } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/users";
import { DeleteUser } from "./delete-user";
import { useUsers, type UserRow } from "./rows";

export function Component() {
  const m = useMessages(messages);
  const c = useMessages(common);
  const to = useTo();
  const [search, setSearch] = useSearchParams();
  const [deleting, setDeleting] = useState<User>();
  // In the address: what leads here from elsewhere filters by these columns.
  const more = search.has("more");
  const { list, report, groups } = useUsers(more);

  const toggle = () =>
    setSearch(
      (old) => {
        const next = new URLSearchParams(old);
        if (more) next.delete("more");
        else next.set("more", "1");
        return next;
      },
      { replace: true },
    );
  const columns: Column<UserRow>[] = [
    {
      id: "name",
      header: m("name"),
      value: (u) => u.UserName,
      cell: (u) => <Link href={to(path`/iam/users/${u.UserName ?? ""}`)}>{u.UserName}</Link>,
    },
    { id: "path", header: m("path"), value: (u) => u.Path },
    ...(more ? moreColumns(m, c) : []),
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
      {more && report.problem && <ErrorPanel problem={report.problem} retry={report.reload} />}
      {more && groups.problem && <ErrorPanel problem={groups.problem} retry={groups.reload} />}
      <ResourceTable
        key={more ? "more" : "less"}
        name={more ? "users-more" : "users"}
        title={m("title")}
        heading="h1"
        variant="full-page"
        description={
          <>
            {m("description")}
            {more && report.data?.made && (
              <Box fontSize="body-s" color="text-body-secondary">
                {m.rich("moreReport", { time: <Time value={report.data.made} /> })}
              </Box>
            )}
          </>
        }
        list={list}
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
            <Button loading={more && (report.loading || groups.loading)} onClick={toggle}>
              {m(more ? "less" : "more")}
            </Button>
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

/** What is known of all users at once, when it is asked for. */
function moreColumns(
  m: Texts<(typeof messages)["messages"]>,
  c: Texts<(typeof common)["messages"]>,
): Column<UserRow>[] {
  return [
    { id: "groups", header: m("groups"), value: (u) => u.groups },
    { id: "console", header: m("consoleAccess"), value: (u) => u.report?.password },
    { id: "age", header: m("passwordAge"), value: (u) => u.report && passwordAge(u.report) },
    {
      id: "mfa",
      header: m("mfa"),
      value: (u) => u.report?.mfa,
      cell: ({ report }) =>
        report && (
          <StatusIndicator type={report.mfa ? "success" : report.password ? "warning" : "stopped"}>
            {c(report.mfa ? "yes" : "no")}
          </StatusIndicator>
        ),
    },
    { id: "key", header: m("keyAge"), value: (u) => u.report && keyAge(u.report) },
    { id: "unused", header: m("keyUnused"), value: (u) => u.report && keyUnused(u.report) },
    {
      id: "active",
      header: m("lastActivity"),
      value: (u) => u.report && lastActivity(u.report),
      cell: (u) => <Time value={u.report && lastActivity(u.report)} relative />,
    },
  ];
}
