import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useList, useNotices, useSession, useWrite } from "@/aws";
import {
  AddUserToGroupCommand,
  ListGroupsForUserCommand,
  RemoveUserFromGroupCommand,
  useIam,
  type Group,
} from "@/aws/iam";
import { ConfirmDelete } from "@/components/confirm-delete";
import { FormDialog } from "@/components/credentials/dialog";
import { Empty } from "@/components/empty";
import { path, useTo } from "@/components/links";
import { ResourceTable } from "@/components/resource-table";
import { shellQuote, ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";
import { GroupPicker } from "./group-picker";

const callOf = (act: "add" | "remove", user: string, group: string) => ({
  service: "iam",
  command: act === "add" ? "add-user-to-group" : "remove-user-from-group",
  options: { "user-name": user, "group-name": group },
});

export function Groups({ user }: { user: string }) {
  const m = useMessages(messages);
  const to = useTo();
  const iam = useIam();
  const notices = useNotices();
  const queries = useQueryClient();
  const { session } = useSession();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<string[]>([]);
  const groups = useList(["iam", "user", user, "groups"], async (Marker) => {
    const page = await iam.send(new ListGroupsForUserCommand({ UserName: user, Marker }));
    return { items: page.Groups ?? [], next: page.Marker };
  });
  const names = useMemo(() => groups.items.map((g) => g.GroupName ?? ""), [groups.items]);
  const changed = () => void queries.invalidateQueries({ queryKey: [session.id, "iam"] });
  const add = <Button onClick={() => setAdding(true)}>{m("groupsAdd")}</Button>;
  return (
    <>
      <ResourceTable<Group>
        name="user-groups"
        title={m("groupsTitle")}
        list={groups}
        rowId={(g) => g.GroupName ?? ""}
        columns={[
          {
            id: "name",
            header: m("groupName"),
            value: (g) => g.GroupName,
            cell: (g) => <Link href={to(path`/iam/groups/${g.GroupName ?? ""}`)}>{g.GroupName}</Link>,
          },
          { id: "path", header: m("path"), value: (g) => g.Path },
          { id: "arn", header: m("arn"), value: (g) => g.Arn, hidden: true },
        ]}
        selection="multi"
        actions={(selected) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              disabled={selected.length === 0}
              onClick={() => setRemoving(selected.map((g) => g.GroupName ?? ""))}
            >
              {m("groupsRemove")}
            </Button>
            {add}
          </SpaceBetween>
        )}
        empty={
          <Empty
            title={m("groupsEmpty")}
            text={m("groupsEmptyText")}
            action={add}
            cli={`aws iam add-user-to-group --user-name ${shellQuote(user)} --group-name …`}
          />
        }
      />
      {adding && <AddGroups user={user} except={names} onClose={() => setAdding(false)} />}
      {removing.length > 0 && (
        <ConfirmDelete
          name={user}
          title={m("groupsRemoveTitle", { count: removing.length, name: user })}
          label={m("groupsRemove")}
          steps={removing.map((group) => ({
            text: m("stepGroup", { name: group }),
            run: () => iam.send(new RemoveUserFromGroupCommand({ UserName: user, GroupName: group })),
            call: callOf("remove", user, group),
          }))}
          onDone={() => {
            notices.success(m("groupsRemoved", { count: removing.length, name: user }));
            setRemoving([]);
            changed();
          }}
          onClose={(some) => {
            setRemoving([]);
            if (some) changed();
          }}
        >
          {m("groupsRemoveText")}
        </ConfirmDelete>
      )}
    </>
  );
}

/** One call each; it stops at the first that fails, and what was done stays. */
function AddGroups({ user, except, onClose }: { user: string; except: string[]; onClose: () => void }) {
  const m = useMessages(messages);
  const iam = useIam();
  const [chosen, setChosen] = useState<string[]>([]);
  const add = useWrite(
    async (groups: string[]) => {
      for (const GroupName of groups) {
        await iam.send(new AddUserToGroupCommand({ UserName: user, GroupName }));
        setChosen((old) => old.filter((g) => g !== GroupName));
      }
      return groups.length;
    },
    { invalidates: [["iam"]], done: (count) => m("groupsAdded", { count, name: user }), onDone: onClose },
  );
  return (
    <FormDialog
      title={m("groupsAddTitle", { name: user })}
      label={m("groupsAdd")}
      pending={add.pending}
      disabled={chosen.length === 0}
      problem={add.problem}
      onSubmit={() => add.start(chosen)}
      onClose={onClose}
    >
      <GroupPicker label={m("groupsTitle")} chosen={chosen} onChange={setChosen} except={except} />
      {chosen.length > 0 && <ViewAs calls={chosen.map((group) => callOf("add", user, group))} />}
    </FormDialog>
  );
}
