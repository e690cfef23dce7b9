import Link from "@cloudscape-design/components/link";
import { useList } from "@/aws";
import { ListGroupsForUserCommand, useIam, type Group } from "@/aws/iam";
import { Empty } from "@/components/empty";
import { path, useTo } from "@/components/links";
import { ResourceTable } from "@/components/resource-table";
import { shellQuote } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";

export function Groups({ user }: { user: string }) {
  const m = useMessages(messages);
  const to = useTo();
  const iam = useIam();
  const groups = useList(["iam", "user", user, "groups"], async (Marker) => {
    const page = await iam.send(new ListGroupsForUserCommand({ UserName: user, Marker }));
    return { items: page.Groups ?? [], next: page.Marker };
  });
  return (
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
      empty={
        <Empty
          title={m("groupsEmpty")}
          text={m("groupsEmptyText")}
          cli={`aws iam add-user-to-group --user-name ${shellQuote(user)} --group-name …`}
        />
      }
    />
  );
}
