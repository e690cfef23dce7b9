/** Who is in a group: seen, added, removed, many at a time. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useList, useNotices, useSession, useWrite } from "@/aws";
import { AddUserToGroupCommand, GetGroupCommand, useIam, type User } from "@/aws/iam";
import { ConfirmDelete } from "@/components/confirm-delete";
import { Empty } from "@/components/empty";
import { ErrorPanel } from "@/components/error-panel";
import { path, useTo } from "@/components/links";
import { ResourceTable } from "@/components/resource-table";
import { shellQuote, ViewAs } from "@/components/snippet";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/groups";
import { removeStep } from "./delete-group";
import { UserPicker } from "./user-picker";

export function Members({ group }: { group: string }) {
  const m = useMessages(messages);
  const to = useTo();
  const iam = useIam();
  const notices = useNotices();
  const queries = useQueryClient();
  const { session } = useSession();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<string[]>([]);
  const members = useList(["iam", "group", group, "users"], async (Marker) => {
    const page = await iam.send(new GetGroupCommand({ GroupName: group, Marker, MaxItems: 1000 }));
    return { items: page.Users ?? [], next: page.Marker };
  });
  const names = useMemo(() => members.items.map((u) => u.UserName ?? ""), [members.items]);
  const changed = () => void queries.invalidateQueries({ queryKey: [session.id, "iam"] });
  return (
    <>
      <ResourceTable<User>
        name="group-users"
        title={m("membersTitle")}
        description={m("membersText")}
        list={members}
        rowId={(u) => u.UserName ?? ""}
        columns={[
          {
            id: "name",
            header: m("userName"),
            value: (u) => u.UserName,
            cell: (u) => <Link href={to(path`/iam/users/${u.UserName ?? ""}`)}>{u.UserName}</Link>,
          },
          {
            id: "password",
            header: m("passwordUsed"),
            value: (u) => u.PasswordLastUsed,
            cell: (u) => <Time value={u.PasswordLastUsed} relative />,
          },
          {
            id: "created",
            header: m("created"),
            value: (u) => u.CreateDate,
            cell: (u) => <Time value={u.CreateDate} />,
          },
          { id: "path", header: m("path"), value: (u) => u.Path, hidden: true },
          { id: "arn", header: m("arn"), value: (u) => u.Arn, hidden: true },
        ]}
        selection="multi"
        actions={(selected) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={selected.length === 0} onClick={() => setRemoving(selected.map((u) => u.UserName ?? ""))}>
              {m("remove")}
            </Button>
            <Button onClick={() => setAdding(true)}>{m("add")}</Button>
          </SpaceBetween>
        )}
        empty={
          <Empty
            title={m("membersEmpty")}
            text={m("membersEmptyText")}
            cli={`aws iam add-user-to-group --group-name ${shellQuote(group)} --user-name …`}
          />
        }
      />
      {adding && <AddUsers group={group} members={names} close={() => setAdding(false)} />}
      {removing.length > 0 && (
        <ConfirmDelete
          name={group}
          title={m("removeTitle", { count: removing.length, name: group })}
          label={m("remove")}
          steps={removing.map((user) => removeStep(iam, group, user, m("removeStep", { name: user })))}
          onDone={() => {
            notices.success(m("removed", { count: removing.length, name: group }));
            setRemoving([]);
            changed();
          }}
          onClose={(some) => {
            setRemoving([]);
            if (some) changed();
          }}
        >
          {m("removeText")}
        </ConfirmDelete>
      )}
    </>
  );
}

/** Adds who is chosen, one call each; it stops at the first that fails, and who was added stays. */
function AddUsers({ group, members, close }: { group: string; members: string[]; close: () => void }) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const iam = useIam();
  const [chosen, setChosen] = useState<string[]>([]);
  const add = useWrite(
    async (users: string[]) => {
      for (const UserName of users) {
        await iam.send(new AddUserToGroupCommand({ GroupName: group, UserName }));
        setChosen((old) => old.filter((u) => u !== UserName));
      }
      return users.length;
    },
    { invalidates: [["iam"]], done: (count) => m("added", { count, name: group }), onDone: close },
  );
  return (
    <Modal
      visible
      size="large"
      onDismiss={close}
      header={<span className="break">{m("addTitle", { name: group })}</span>}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={close}>
              {c("cancel")}
            </Button>
            <Button
              variant="primary"
              disabled={chosen.length === 0}
              loading={add.pending}
              onClick={() => add.start(chosen)}
            >
              {m("addCount", { count: chosen.length })}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {add.problem && <ErrorPanel problem={add.problem} />}
        <UserPicker chosen={chosen} onChange={setChosen} except={members} />
        {chosen.length > 0 && (
          <ViewAs
            calls={chosen.map((user) => ({
              service: "iam",
              command: "add-user-to-group",
              options: { "group-name": group, "user-name": user },
            }))}
          />
        )}
      </SpaceBetween>
    </Modal>
  );
}
