/** Groups as the pages of this area read them. */
import { useMemo } from "react";
import { readAll, useList, useRead, type List } from "@/aws";
import {
  GetAccountAuthorizationDetailsCommand,
  GetGroupCommand,
  ListGroupsCommand,
  useIam,
  type Group,
  type IAMClient,
  type User,
} from "@/aws/iam";
import { policiesOf } from "@/components/permissions/entity";

export interface Counts {
  users: number;
  policies: number;
}

export interface GroupRow {
  name: string;
  path: string;
  arn: string;
  id: string;
  created: Date | undefined;
  /** Undefined where they could not be read with the list. */
  counts: Counts | undefined;
}

const rowOf = (g: Group): GroupRow => ({
  name: g.GroupName ?? "",
  path: g.Path ?? "/",
  arn: g.Arn ?? "",
  id: g.GroupId ?? "",
  created: g.CreateDate,
  counts: undefined,
});

/**
 * Returns the account's groups. ListGroups does not say who is in them: GetAccountAuthorizationDetails says it of all
 * of them at once, to whoever may ask for it.
 */
export function useGroups(): List<GroupRow> {
  const iam = useIam();
  const list = useList(["iam", "groups"], async (Marker) => {
    const page = await iam.send(new ListGroupsCommand({ Marker, MaxItems: 1000 }));
    return { items: (page.Groups ?? []).map(rowOf), next: page.Marker };
  });
  const counts = useRead(["iam", "group-counts"], () => readCounts(iam));
  const items = useMemo(
    () => list.items.map((g) => ({ ...g, counts: counts.data?.get(g.name) })),
    [list.items, counts.data],
  );
  return { ...list, data: list.data && items, items };
}

async function readCounts(iam: IAMClient): Promise<Map<string, Counts>> {
  const pages = await readAll(async (Marker) => {
    const asked = { Filter: ["Group" as const, "User" as const], Marker, MaxItems: 1000 };
    const page = await iam.send(new GetAccountAuthorizationDetailsCommand(asked));
    return { items: [page], next: page.IsTruncated ? page.Marker : undefined };
  });
  const members = new Map<string, number>();
  for (const user of pages.flatMap((p) => p.UserDetailList ?? [])) {
    for (const group of user.GroupList ?? []) members.set(group, (members.get(group) ?? 0) + 1);
  }
  const counts = new Map<string, Counts>();
  for (const g of pages.flatMap((p) => p.GroupDetailList ?? [])) {
    const name = g.GroupName ?? "";
    const policies = (g.AttachedManagedPolicies?.length ?? 0) + (g.GroupPolicyList?.length ?? 0);
    counts.set(name, { users: members.get(name) ?? 0, policies });
  }
  return counts;
}

/** Counts of one group, where the list could not say. */
export function useCounts(name: string, known: Counts | undefined) {
  const iam = useIam();
  return useRead(
    ["iam", "group", name, "counts"],
    async (): Promise<Counts> => {
      const policies = policiesOf(iam, { kind: "group", name });
      const [users, attached, inline] = await Promise.all([
        readMembers(iam, name),
        readAll(policies.attached),
        readAll(policies.inline),
      ]);
      return { users: users.length, policies: attached.length + inline.length };
    },
    { enabled: known === undefined },
  );
}

export const readMembers = (iam: IAMClient, GroupName: string): Promise<User[]> =>
  readAll(async (Marker) => {
    const page = await iam.send(new GetGroupCommand({ GroupName, Marker, MaxItems: 1000 }));
    return { items: page.Users ?? [], next: page.Marker };
  });

export const isGroupName = (name: string) => /^[\w+=,.@-]{1,128}$/.test(name);
