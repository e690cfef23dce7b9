/** Roles as the pages of this area read them. */
import { useMemo } from "react";
import { readAll, useList, useRead, type List } from "@/aws";
import { GetAccountAuthorizationDetailsCommand, GetRoleCommand, ListRolesCommand, useIam, type Role } from "@/aws/iam";
import { documentText } from "@/components/trust";

export interface RoleRow {
  name: string;
  path: string;
  arn: string;
  id: string;
  description: string;
  trust: string;
  created: Date | undefined;
  maxSession: number;
  /** Undefined where it could not be read with the list; null where the role was never used. */
  lastUsed: Date | null | undefined;
}

export const rowOf = (r: Role): RoleRow => ({
  name: r.RoleName ?? "",
  path: r.Path ?? "/",
  arn: r.Arn ?? "",
  id: r.RoleId ?? "",
  description: r.Description ?? "",
  trust: documentText(r.AssumeRolePolicyDocument),
  created: r.CreateDate,
  maxSession: r.MaxSessionDuration ?? 3600,
  lastUsed: undefined,
});

/**
 * Returns the account's roles. ListRoles does not say when they were last used (IA-12); GetAccountAuthorizationDetails
 * says it of all of them at once, to whoever may ask for it.
 */
export function useRoles(): List<RoleRow> {
  const iam = useIam();
  const list = useList(["iam", "roles"], async (Marker) => {
    const page = await iam.send(new ListRolesCommand({ Marker, MaxItems: 1000 }));
    return { items: (page.Roles ?? []).map(rowOf), next: page.Marker };
  });
  const uses = useRead(["iam", "role-uses"], async () => {
    const roles = await readAll(async (Marker) => {
      const asked = { Filter: ["Role" as const], Marker, MaxItems: 1000 };
      const page = await iam.send(new GetAccountAuthorizationDetailsCommand(asked));
      return { items: page.RoleDetailList ?? [], next: page.IsTruncated ? page.Marker : undefined };
    });
    return new Map(roles.map((r) => [r.RoleName ?? "", r.RoleLastUsed?.LastUsedDate ?? null]));
  });
  const items = useMemo(
    () => list.items.map((r) => ({ ...r, lastUsed: uses.data?.get(r.name) })),
    [list.items, uses.data],
  );
  return { ...list, data: list.data && items, items };
}

/** Reads when one role was last used, where the list could not say. */
export function useLastUsed(name: string, known: Date | null | undefined) {
  const iam = useIam();
  return useRead(
    ["iam", "role", name, "last-used"],
    async () => (await iam.send(new GetRoleCommand({ RoleName: name }))).Role?.RoleLastUsed?.LastUsedDate ?? null,
    { enabled: known === undefined },
  );
}

export function useRole(name: string) {
  const iam = useIam();
  return useRead(["iam", "role", name], async () => {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: name }));
    if (Role === undefined) throw new Error("the server answered without a role");
    return Role;
  });
}

/** A role's path belongs to Regent's or AWS's services when it begins so: nobody else may change such a role. */
export const isServiceLinked = (path: string) => path.startsWith("/aws-service-role/");
