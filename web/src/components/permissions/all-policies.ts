/** The managed policies that one can attach, and which of them allow an action. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { readAll, useRead, type Reading } from "@/aws";
import { GetPolicyVersionCommand, ListPoliciesCommand, useIam, type IAMClient } from "@/aws/iam";
import { prefixOf, readManagedGrants, type Grants } from "@/policy/catalog";
import { intersects, matches } from "@/policy/model/glob";
import { parseArn } from "../arn";
import { documentText } from "../trust";

export type PolicyType = "aws" | "job" | "customer";

export interface ManagedPolicy {
  arn: string;
  name: string;
  type: PolicyType;
  description: string;
  attachments: number;
  version: string;
  updated: Date | undefined;
}

export function typeOfPolicy(arn: string): PolicyType {
  const parsed = parseArn(arn);
  if (parsed?.account !== "aws") return "customer";
  return parsed.resource.startsWith("policy/job-function/") ? "job" : "aws";
}

/** All managed policies, AWS's (of which there are some 1,500) and the account's own. */
export function useAllPolicies(): Reading<ManagedPolicy[]> {
  const iam = useIam();
  return useRead(["iam", "policies", "all"], () =>
    readAll(async (Marker) => {
      const page = await iam.send(new ListPoliciesCommand({ Marker, MaxItems: 1000 }));
      const items = (page.Policies ?? []).map((p): ManagedPolicy => ({
        arn: p.Arn ?? "",
        name: p.PolicyName ?? "",
        type: typeOfPolicy(p.Arn ?? ""),
        description: p.Description ?? "",
        attachments: p.AttachmentCount ?? 0,
        version: p.DefaultVersionId ?? "",
        updated: p.UpdateDate,
      }));
      return { items, next: page.Marker };
    }),
  );
}

/** Whether a search asks for an action, s3:PutObject, and not for a name. */
export const isAction = (query: string) => /^[a-z0-9-]+:[a-z*?]+$/i.test(query.trim());

/**
 * Whether grants cover an action, or one of those that a pattern names. Conditions and resources are not looked at:
 * this finds policies, it decides nothing.
 */
export function grantsCover(grants: Grants | undefined, action: string): boolean {
  return (
    (grants?.actions ?? []).some((pattern) => intersects(pattern, action)) ||
    (grants?.notActions ?? []).some((patterns) => !patterns.some((pattern) => matches(pattern, action)))
  );
}

/** What a document's Allow statements let: what the catalog knows of AWS's policies. */
export function grantsOf(document: string): Grants {
  const grants: Required<Grants> = { actions: [], notActions: [] };
  try {
    const statements = [(JSON.parse(document) as { Statement?: unknown }).Statement].flat() as Record<
      string,
      unknown
    >[];
    for (const s of statements) {
      if (s?.Effect !== "Allow") continue;
      if (s.NotAction !== undefined) grants.notActions.push([s.NotAction].flat().map(String));
      else if (s.Action !== undefined) grants.actions.push(...[s.Action].flat().map(String));
    }
  } catch {
    // No policy: it lets nothing.
  }
  return grants;
}

export interface Allowing {
  /** ARNs; undefined while they are sought. */
  arns: Set<string> | undefined;
  /** Policies that could not be read, which may allow it too. */
  unread: number;
  failed: boolean;
}

/** Returns which of these policies have a statement that allows an action. */
export function usePoliciesAllowing(action: string | undefined, policies: ManagedPolicy[]): Allowing {
  const iam = useIam();
  const wanted = action?.trim() ?? "";
  const prefix = prefixOf(wanted);
  const catalog = useQuery({
    queryKey: ["catalog", "grants", prefix],
    queryFn: () => readManagedGrants(prefix ?? ""),
    enabled: prefix !== undefined,
    staleTime: Infinity,
  });
  const own = useMemo(() => policies.filter((p) => p.type === "customer"), [policies]);
  const versions = own.map((p) => `${p.arn} ${p.version}`);
  const documents = useRead(["iam", "policy-grants", ...versions], () => readGrants(iam, own), {
    enabled: prefix !== undefined && own.length > 0,
  });

  return useMemo(() => {
    if (prefix === undefined) return { arns: undefined, unread: 0, failed: false };
    const failed = catalog.isError;
    const ready = catalog.data !== undefined && (own.length === 0 || documents.data !== undefined);
    if (!ready) return { arns: failed ? new Set() : undefined, unread: 0, failed };
    const found = policies.filter((p) =>
      grantsCover(p.type === "customer" ? documents.data?.get(p.arn) : catalog.data[p.name], wanted),
    );
    const unread = own.filter((p) => documents.data?.get(p.arn) === undefined).length;
    return { arns: new Set(found.map((p) => p.arn)), unread, failed };
  }, [prefix, wanted, policies, own, catalog.data, catalog.isError, documents.data]);
}

/** Reads the account's own policies, eight at a time; one that may not be read is left out. */
async function readGrants(iam: IAMClient, policies: ManagedPolicy[]): Promise<Map<string, Grants>> {
  const found = new Map<string, Grants>();
  const queue = [...policies];
  const work = async () => {
    for (let p = queue.shift(); p; p = queue.shift()) {
      const asked = { PolicyArn: p.arn, VersionId: p.version };
      const answer = await iam.send(new GetPolicyVersionCommand(asked)).catch(() => undefined);
      if (answer) found.set(p.arn, grantsOf(documentText(answer.PolicyVersion?.Document)));
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return found;
}
