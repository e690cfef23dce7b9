import SpaceBetween from "@cloudscape-design/components/space-between";
import { readAll, useList, type Reading } from "@/aws";
import { ListGroupsForUserCommand, useIam, type User } from "@/aws/iam";
import { ArnLink } from "@/components/arn-link";
import { Empty } from "@/components/empty";
import { path, useTo } from "@/components/links";
import { AttachedPolicies } from "@/components/permissions/attached-policies";
import { Boundary } from "@/components/permissions/boundary";
import { policiesOf } from "@/components/permissions/entity";
import { InlinePolicies } from "@/components/permissions/inline-policies";
import { ResourceTable } from "@/components/resource-table";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";
import { Effective } from "./effective";
import Link from "@cloudscape-design/components/link";

export function Permissions({ name, user }: { name: string; user: Reading<User | undefined> }) {
  const to = useTo();
  const entity = { kind: "user", name } as const;
  const boundary: Reading<string> = {
    ...user,
    data: user.data && (user.data.PermissionsBoundary?.PermissionsBoundaryArn ?? ""),
  };
  return (
    <SpaceBetween size="l">
      <AttachedPolicies entity={entity} />
      <InlinePolicies
        entity={entity}
        editor={(policy) =>
          to(path`/iam/users/${name}/inline` + (policy === undefined ? "" : `?${new URLSearchParams({ policy })}`))
        }
      />
      <ThroughGroups user={name} />
      <Boundary entity={entity} boundary={boundary} />
      <Effective name={name} user={user} />
    </SpaceBetween>
  );
}

interface Row {
  id: string;
  policy: string;
  /** None of an inline policy. */
  arn: string | undefined;
  group: string;
}

/** What the user may do because of a group. */
function ThroughGroups({ user }: { user: string }) {
  const m = useMessages(messages);
  const to = useTo();
  const iam = useIam();
  const policies = useList<Row>(["iam", "user", user, "groups", "policies"], async (Marker) => {
    const page = await iam.send(new ListGroupsForUserCommand({ UserName: user, Marker }));
    const rows = await Promise.all(
      (page.Groups ?? []).map(async ({ GroupName: group = "" }) => {
        const of = policiesOf(iam, { kind: "group", name: group });
        const [attached, inline] = await Promise.all([readAll(of.attached), readAll(of.inline)]);
        return [
          ...attached.map(({ name, arn }): Row => ({ id: `${group}/${arn}`, policy: name, arn, group })),
          ...inline.map((name): Row => ({ id: `${group}//${name}`, policy: name, arn: undefined, group })),
        ];
      }),
    );
    return { items: rows.flat(), next: page.Marker };
  });
  return (
    <ResourceTable<Row>
      name="user-group-policies"
      prefix="g."
      title={m("throughTitle")}
      description={m("throughText")}
      list={policies}
      rowId={(r) => r.id}
      columns={[
        {
          id: "policy",
          header: m("policyName"),
          value: (r) => r.policy,
          cell: (r) => (r.arn === undefined ? r.policy : <ArnLink arn={r.arn} short />),
        },
        {
          id: "group",
          header: m("groupName"),
          value: (r) => r.group,
          cell: (r) => <Link href={to(path`/iam/groups/${r.group}`)}>{r.group}</Link>,
        },
        { id: "kind", header: m("policyKind"), value: (r) => m(r.arn === undefined ? "kindInline" : "kindManaged") },
      ]}
      empty={<Empty title={m("throughEmpty")} text={m("throughEmptyText")} />}
    />
  );
}
