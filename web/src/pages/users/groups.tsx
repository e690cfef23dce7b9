/** The groups that a user is in. */
import Link from "@cloudscape-design/components/link";
import { useMemo } from "react";
import { useList } from "@/aws";
import {
  AddUserToGroupCommand,
  ListGroupsForUserCommand,
  RemoveUserFromGroupCommand,
  useIam,
  type Group,
} from "@/aws/iam";
import { AddRemoveTable } from "@/components/add-remove-table";
import { Empty } from "@/components/empty";
import { path, useTo } from "@/components/links";
import { shellQuote } from "@/components/snippet";
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
  const groups = useList(["iam", "user", user, "groups"], async (Marker) => {
    const page = await iam.send(new ListGroupsForUserCommand({ UserName: user, Marker }));
    return { items: page.Groups ?? [], next: page.Marker };
  });
  const names = useMemo(() => groups.items.map((g) => g.GroupName ?? ""), [groups.items]);
  return (
    <AddRemoveTable<Group>
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
      empty={
        <Empty
          title={m("groupsEmpty")}
          text={m("groupsEmptyText")}
          cli={`aws iam add-user-to-group --user-name ${shellQuote(user)} --group-name …`}
        />
      }
      of={user}
      words={{
        add: m("groupsAdd"),
        addTitle: m("groupsAddTitle", { name: user }),
        addLabel: () => m("groupsAdd"),
        added: (count) => m("groupsAdded", { count, name: user }),
        remove: m("groupsRemove"),
        removeTitle: (count) => m("groupsRemoveTitle", { count, name: user }),
        removeText: m("groupsRemoveText"),
        removed: (count) => m("groupsRemoved", { count, name: user }),
      }}
      add={(group) => ({
        run: () => iam.send(new AddUserToGroupCommand({ UserName: user, GroupName: group })),
        call: callOf("add", user, group),
      })}
      remove={({ GroupName = "" }) => ({
        text: m("stepGroup", { name: GroupName }),
        run: () => iam.send(new RemoveUserFromGroupCommand({ UserName: user, GroupName })),
        call: callOf("remove", user, GroupName),
      })}
      picker={(chosen, onChange) => (
        <GroupPicker label={m("groupsTitle")} chosen={chosen} onChange={onChange} except={names} />
      )}
      invalidates={["iam"]}
    />
  );
}
