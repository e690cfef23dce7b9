/** Who is in a group. */
import Link from "@cloudscape-design/components/link";
import { useMemo } from "react";
import { useList } from "@/aws";
import { AddUserToGroupCommand, GetGroupCommand, useIam, type User } from "@/aws/iam";
import { AddRemoveTable } from "@/components/add-remove-table";
import { Empty } from "@/components/empty";
import { path, useTo } from "@/components/links";
import { shellQuote } from "@/components/snippet";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/groups";
import { removeStep } from "./delete-group";
import { UserPicker } from "./user-picker";

export function Members({ group }: { group: string }) {
  const m = useMessages(messages);
  const to = useTo();
  const iam = useIam();
  const members = useList(["iam", "group", group, "users"], async (Marker) => {
    const page = await iam.send(new GetGroupCommand({ GroupName: group, Marker, MaxItems: 1000 }));
    return { items: page.Users ?? [], next: page.Marker };
  });
  const names = useMemo(() => members.items.map((u) => u.UserName ?? ""), [members.items]);
  return (
    <AddRemoveTable<User>
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
        { id: "created", header: m("created"), value: (u) => u.CreateDate, cell: (u) => <Time value={u.CreateDate} /> },
        { id: "path", header: m("path"), value: (u) => u.Path, hidden: true },
        { id: "arn", header: m("arn"), value: (u) => u.Arn, hidden: true },
      ]}
      empty={
        <Empty
          title={m("membersEmpty")}
          text={m("membersEmptyText")}
          cli={`aws iam add-user-to-group --group-name ${shellQuote(group)} --user-name …`}
        />
      }
      of={group}
      words={{
        add: m("add"),
        addTitle: m("addTitle", { name: group }),
        addLabel: (count) => m("addCount", { count }),
        added: (count) => m("added", { count, name: group }),
        remove: m("remove"),
        removeTitle: (count) => m("removeTitle", { count, name: group }),
        removeText: m("removeText"),
        removed: (count) => m("removed", { count, name: group }),
      }}
      add={(user) => ({
        run: () => iam.send(new AddUserToGroupCommand({ GroupName: group, UserName: user })),
        call: {
          service: "iam",
          command: "add-user-to-group",
          options: { "group-name": group, "user-name": user },
        },
      })}
      remove={(u) => removeStep(iam, group, u.UserName ?? "", m("removeStep", { name: u.UserName ?? "" }))}
      picker={(chosen, onChange) => <UserPicker chosen={chosen} onChange={onChange} except={names} />}
      invalidates={["iam"]}
    />
  );
}
