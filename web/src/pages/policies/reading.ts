/** What the pages of policies read. */
import { readAll, useRead, type List, type Reading } from "@/aws";
import {
  GetAccountAuthorizationDetailsCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  ListEntitiesForPolicyCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  useIam,
  type IAMClient,
  type Policy,
  type PolicyVersion,
} from "@/aws/iam";
import { grantsOf } from "@/components/permissions/all-policies";
import type { Grants } from "@/policy/catalog";

/** isManagedByAws reports whether nobody but AWS may change a policy. */
export const isManagedByAws = (arn: string) => /^arn:[^:]*:iam::aws:policy\//.test(arn);

/** Versions that a policy may have at a time (IA-31). */
export const mostVersions = 5;

/** usePolicies reads all policies: there are more of AWS's than a list reads by itself. */
export function usePolicies(): List<Policy> {
  const iam = useIam();
  const policies = useRead(["iam", "policies"], () =>
    readAll(async (Marker) => {
      const page = await iam.send(new ListPoliciesCommand({ Scope: "All", Marker, MaxItems: 1000 }));
      return { items: page.Policies ?? [], next: page.Marker };
    }),
  );
  return { ...policies, items: policies.data ?? none, more: false, readMore: () => {}, readingMore: false };
}

const none: Policy[] = [];

export function usePolicy(arn: string): Reading<Policy> {
  const iam = useIam();
  return useRead(["iam", "policy", arn], async () => {
    const { Policy: found } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }));
    return found ?? {};
  });
}

/** usePolicyText reads the document of a version, as it was written. */
export function usePolicyText(arn: string, version: string | undefined): Reading<string> {
  const iam = useIam();
  return useRead(
    ["iam", "policy", arn, "version", version ?? ""],
    async () => {
      const answer = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: version }));
      return decoded(answer.PolicyVersion?.Document);
    },
    { enabled: version !== undefined },
  );
}

/** decoded undoes what the API does to documents (IA-20). */
export const decoded = (document: string | undefined) => decodeURIComponent(document ?? "");

export function useVersions(arn: string, enabled = true): Reading<PolicyVersion[]> {
  const iam = useIam();
  return useRead(["iam", "policy", arn, "versions"], () => readVersions(iam, arn), { enabled });
}

export const readVersions = (iam: IAMClient, PolicyArn: string) =>
  readAll(async (Marker) => {
    const page = await iam.send(new ListPolicyVersionsCommand({ PolicyArn, Marker }));
    return { items: page.Versions ?? [], next: page.Marker };
  });

/** Who has a policy. */
export interface Entity {
  type: "user" | "group" | "role";
  name: string;
  /** As the boundary of what they may do, not as a permission. */
  boundary: boolean;
}

export const readEntities = async (iam: IAMClient, PolicyArn: string): Promise<Entity[]> => {
  const usage = (PolicyUsageFilter: "PermissionsPolicy" | "PermissionsBoundary") =>
    readAll<Entity>(async (Marker) => {
      const page = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, PolicyUsageFilter, Marker }));
      const boundary = PolicyUsageFilter === "PermissionsBoundary";
      const of = (type: Entity["type"], names: (string | undefined)[]) =>
        names.map((name) => ({ type, name: name ?? "", boundary }));
      const items = [
        ...of(
          "user",
          (page.PolicyUsers ?? []).map((u) => u.UserName),
        ),
        ...of(
          "group",
          (page.PolicyGroups ?? []).map((g) => g.GroupName),
        ),
        ...of(
          "role",
          (page.PolicyRoles ?? []).map((r) => r.RoleName),
        ),
      ];
      return { items, next: page.Marker };
    });
  const [permissions, boundaries] = await Promise.all([usage("PermissionsPolicy"), usage("PermissionsBoundary")]);
  return [...permissions, ...boundaries];
};

export const entityId = (e: Entity) => `${e.type}/${e.name}${e.boundary ? "/boundary" : ""}`;

/** Whom an id names; names have no slash. */
export function entityOf(id: string): Entity {
  const [type, name = "", boundary] = id.split("/");
  return { type: type as Entity["type"], name, boundary: boundary !== undefined };
}

/** useCustomerGrants reads what the account's own policies allow, by ARN: their documents come in one list. */
export function useCustomerGrants(enabled: boolean): Reading<Map<string, Grants>> {
  const iam = useIam();
  return useRead(
    ["iam", "policies", "grants"],
    async () => {
      const policies = await readAll(async (Marker) => {
        const page = await iam.send(
          new GetAccountAuthorizationDetailsCommand({ Filter: ["LocalManagedPolicy"], Marker, MaxItems: 1000 }),
        );
        return { items: page.Policies ?? [], next: page.Marker };
      });
      return new Map(
        policies.map((p) => {
          const current = p.PolicyVersionList?.find((v) => v.IsDefaultVersion);
          return [p.Arn ?? "", grantsOf(decoded(current?.Document))];
        }),
      );
    },
    { enabled },
  );
}
