/** Policies of a node: its own and those of what it lies below. */
import {
  ListParentsCommand,
  ListPoliciesForTargetCommand,
  type OrganizationsClient,
  type PolicySummary,
  DescribeOrganizationalUnitCommand,
} from "@/aws/organizations";
import { readAll } from "@/aws";
import type { Node } from "./organization";

/** The types of policies that limit what principals may do. */
export type GuardrailType = "SERVICE_CONTROL_POLICY" | "RESOURCE_CONTROL_POLICY";

export const guardrails: readonly GuardrailType[] = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"];

/** A node on the way from the root, with the policies attached right there. */
export interface Level {
  node: Node;
  policies: PolicySummary[];
}

export async function policiesOf(
  organizations: OrganizationsClient,
  target: string,
  Filter: GuardrailType,
): Promise<PolicySummary[]> {
  const policies = await readAll(async (NextToken?: string) => {
    const page = await organizations.send(new ListPoliciesForTargetCommand({ TargetId: target, Filter, NextToken }));
    return { items: page.Policies ?? [], next: page.NextToken };
  });
  return policies.toSorted((a, b) => (a.Name ?? "").localeCompare(b.Name ?? ""));
}

/** Reads the levels from the root down to a node, the node last. */
export async function levelsOf(
  organizations: OrganizationsClient,
  root: Node,
  node: Node,
  type: GuardrailType,
): Promise<Level[]> {
  const way = await wayTo(organizations, root, node);
  return Promise.all(way.map(async (n) => ({ node: n, policies: await policiesOf(organizations, n.id, type) })));
}

/** The nodes from the root down to one. */
async function wayTo(organizations: OrganizationsClient, root: Node, node: Node): Promise<Node[]> {
  const way = [node];
  let child = node.id;
  while (child !== root.id) {
    const { Parents } = await organizations.send(new ListParentsCommand({ ChildId: child }));
    const parent = Parents?.[0];
    if (!parent?.Id || way.length > 10) throw new Error(`nothing is above ${child}`);
    child = parent.Id;
    way.unshift(parent.Type === "ROOT" ? root : await unit(organizations, child));
  }
  return way;
}

async function unit(organizations: OrganizationsClient, id: string): Promise<Node> {
  const { OrganizationalUnit: ou } = await organizations.send(
    new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: id }),
  );
  return { kind: "ou", id, name: ou?.Name ?? id, arn: ou?.Arn ?? "" };
}

/** What the policy editor calls a type. */
export function kindOf(type: GuardrailType): "scp" | "rcp" {
  return type === "RESOURCE_CONTROL_POLICY" ? "rcp" : "scp";
}
