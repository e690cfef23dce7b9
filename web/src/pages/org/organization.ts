/** What an organization is made of, as the pages read it: level by level, each node's children when it is opened. */
import { useQueries } from "@tanstack/react-query";
import { problemOf, readAll, useList, useRead, useSession, type List, type Problem, type Reading } from "@/aws";
import {
  DescribeAccountCommand,
  DescribeOrganizationalUnitCommand,
  DescribeOrganizationCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  ListRootsCommand,
  useOrganizations,
  type Account,
  type Organization,
  type OrganizationsClient,
  type Root,
} from "@/aws/organizations";

export type NodeKind = "root" | "ou" | "account";

/** A root, an organizational unit or an account. */
export interface Node {
  kind: NodeKind;
  id: string;
  name: string;
  arn: string;
  /** Of an account. */
  status?: string;
  /** Where it lies; undefined of the root. */
  parent?: string;
}

/** The node's children, or why they are not known. */
export interface Children {
  nodes?: Node[];
  problem?: Problem;
  loading: boolean;
  reload: () => void;
}

export function useOrganization(): Reading<Organization | undefined> {
  const organizations = useOrganizations();
  return useRead(["organizations", "organization"], async () => {
    const { Organization } = await organizations.send(new DescribeOrganizationCommand({}));
    return Organization;
  });
}

export function useRoot(enabled = true): Reading<Root | undefined> {
  const organizations = useOrganizations();
  return useRead(
    ["organizations", "root"],
    async () => {
      const { Roots } = await organizations.send(new ListRootsCommand({}));
      return Roots?.[0];
    },
    { enabled },
  );
}

/** Reads a unit or an account by its id. */
export function useNode(id: string, enabled: boolean): Reading<Node> {
  const organizations = useOrganizations();
  return useRead(
    ["organizations", "node", id],
    async (): Promise<Node> => {
      if (/^\d{12}$/.test(id)) {
        const { Account } = await organizations.send(new DescribeAccountCommand({ AccountId: id }));
        return accountNode(Account ?? { Id: id });
      }
      const { OrganizationalUnit: unit } = await organizations.send(
        new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: id }),
      );
      return { kind: "ou", id, name: unit?.Name ?? id, arn: unit?.Arn ?? "" };
    },
    { enabled },
  );
}

/** Reads the units right below a root or unit. */
async function readUnits(organizations: OrganizationsClient, parent: string): Promise<Node[]> {
  const units = await readAll(async (NextToken?: string) => {
    const page = await organizations.send(new ListOrganizationalUnitsForParentCommand({ ParentId: parent, NextToken }));
    return { items: page.OrganizationalUnits ?? [], next: page.NextToken };
  });
  return units
    .map((u): Node => ({ kind: "ou", id: u.Id ?? "", name: u.Name ?? "", arn: u.Arn ?? "", parent }))
    .toSorted(byName);
}

/** A unit with the names of what it lies in. */
export interface Place {
  node: Node;
  way: string[];
}

/** All units with the names above them: an organization has at most five levels of them (OR-3). */
export async function unitsBelow(organizations: OrganizationsClient, node: Node, way: string[]): Promise<Place[]> {
  const units = await readUnits(organizations, node.id);
  const below = await Promise.all(units.map((unit) => unitsBelow(organizations, unit, [...way, node.name])));
  return [{ node, way }, ...below.flat()];
}

/** Lists all accounts, wherever they lie. */
export function useAccounts(): List<Account> {
  const organizations = useOrganizations();
  return useList(["organizations", "accounts"], async (NextToken) => {
    const page = await organizations.send(new ListAccountsCommand({ NextToken }));
    return { items: page.Accounts ?? [], next: page.NextToken };
  });
}

/** Reads the accounts right below a root or unit. */
async function readAccounts(organizations: OrganizationsClient, parent: string): Promise<Node[]> {
  const accounts = await readAll(async (NextToken?: string) => {
    const page = await organizations.send(new ListAccountsForParentCommand({ ParentId: parent, NextToken }));
    return { items: page.Accounts ?? [], next: page.NextToken };
  });
  return accounts.map((a) => accountNode(a, parent)).toSorted(byName);
}

/** An account as a node. */
export function accountNode(account: Account, parent?: string): Node {
  const id = account.Id ?? "";
  return {
    kind: "account",
    id,
    name: account.Name ?? id,
    arn: account.Arn ?? "",
    status: account.State ?? account.Status,
    parent,
  };
}

function byName(a: Node, b: Node): number {
  return a.name.localeCompare(b.name);
}

/** Reads what lies right below a node: units, then accounts. */
async function readChildren(organizations: OrganizationsClient, parent: string): Promise<Node[]> {
  const [units, accounts] = await Promise.all([readUnits(organizations, parent), readAccounts(organizations, parent)]);
  return [...units, ...accounts];
}

/** Reads the children of each node that is open. */
export function useChildren(open: readonly string[]): Map<string, Children> {
  const { session } = useSession();
  const organizations = useOrganizations();
  const queries = useQueries({
    queries: open.map((id) => ({
      queryKey: [session.id, "organizations", "children", id],
      queryFn: () => readChildren(organizations, id),
    })),
  });
  return new Map(
    open.map((id, i) => {
      const query = queries[i];
      return [
        id,
        {
          nodes: query?.data,
          problem: query?.error ? problemOf(query.error) : undefined,
          loading: query?.isPending ?? true,
          reload: () => void query?.refetch(),
        },
      ];
    }),
  );
}

/** Reports whether a problem is the error of a code. */
export function isCode(problem: Problem | undefined, code: string): boolean {
  return problem !== undefined && "code" in problem && problem.code === code;
}
