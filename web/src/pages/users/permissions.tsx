import SpaceBetween from "@cloudscape-design/components/space-between";
import { useList } from "@/aws";
import { ListAttachedUserPoliciesCommand, ListUserPoliciesCommand, useIam, type AttachedPolicy } from "@/aws/iam";
import { ArnLink } from "@/components/arn-link";
import { Empty } from "@/components/empty";
import { ResourceTable } from "@/components/resource-table";
import { shellQuote } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";

export function Permissions({ user }: { user: string }) {
  const m = useMessages(messages);
  const iam = useIam();
  const attached = useList(["iam", "user", user, "attached-policies"], async (Marker) => {
    const page = await iam.send(new ListAttachedUserPoliciesCommand({ UserName: user, Marker }));
    return { items: page.AttachedPolicies ?? [], next: page.Marker };
  });
  const inline = useList(["iam", "user", user, "inline-policies"], async (Marker) => {
    const page = await iam.send(new ListUserPoliciesCommand({ UserName: user, Marker }));
    return { items: page.PolicyNames ?? [], next: page.Marker };
  });
  return (
    <SpaceBetween size="l">
      <ResourceTable<AttachedPolicy>
        name="user-attached-policies"
        title={m("attachedTitle")}
        description={m("attachedText")}
        list={attached}
        rowId={(p) => p.PolicyArn ?? ""}
        columns={[
          {
            id: "name",
            header: m("policyName"),
            value: (p) => p.PolicyName,
            cell: (p) => <ArnLink arn={p.PolicyArn} short />,
          },
          { id: "arn", header: m("arn"), value: (p) => p.PolicyArn },
        ]}
        empty={
          <Empty
            title={m("attachedEmpty")}
            text={m("attachedEmptyText")}
            cli={`aws iam attach-user-policy --user-name ${shellQuote(user)} --policy-arn …`}
          />
        }
      />
      <ResourceTable<string>
        name="user-inline-policies"
        prefix="i."
        title={m("inlineTitle")}
        list={inline}
        rowId={(name) => name}
        columns={[{ id: "name", header: m("policyName"), value: (name) => name }]}
        empty={<Empty title={m("inlineEmpty")} text={m("inlineEmptyText")} />}
      />
    </SpaceBetween>
  );
}
