/** The account's users, groups, roles, policies, buckets and member accounts by name, for the palette. */
import type { Connection } from "@/aws/connection";
import { IAMClient, ListGroupsCommand, ListPoliciesCommand, ListRolesCommand, ListUsersCommand } from "@/aws/iam";
import { ListAccountsCommand, OrganizationsClient } from "@/aws/organizations";
import { readUpTo, type ReadPage } from "@/aws/pages";
import { ListBucketsCommand, S3Client } from "@/aws/s3";
import { path } from "@/components/links";

export type ThingKind = "kindUser" | "kindGroup" | "kindRole" | "kindPolicy" | "kindBucket" | "kindAccount";

export interface Thing {
  text: string;
  kind: ThingKind;
  to: string;
}

const kept = new WeakMap<Connection, { at: number; things: Thing[] }>();
const fresh = 60_000;

/** Reads them, each kind by itself: what may not be listed is not found, and hinders nothing else. */
export async function readThings(connection: Connection, found: (things: Thing[]) => void): Promise<void> {
  const before = kept.get(connection);
  if (before && performance.now() - before.at < fresh) {
    found(before.things);
    return;
  }
  const entry = { at: performance.now(), things: [] as Thing[] };
  kept.set(connection, entry);
  await Promise.all(
    sources(connection).map(async (read) => {
      const { items } = await readUpTo(read).catch(() => ({ items: [] }));
      entry.things.push(...items);
      if (items.length > 0) found(items);
    }),
  );
}

function sources(connection: Connection): ReadPage<Thing>[] {
  const iam = connection.client(IAMClient);
  const organizations = connection.client(OrganizationsClient);
  const s3 = connection.client(S3Client);
  return [
    async (Marker) => {
      const page = await iam.send(new ListUsersCommand({ Marker, MaxItems: 1000 }));
      return {
        items: named(page.Users, "kindUser", (u) => [u.UserName, (n) => path`/iam/users/${n}`]),
        next: page.Marker,
      };
    },
    async (Marker) => {
      const page = await iam.send(new ListGroupsCommand({ Marker, MaxItems: 1000 }));
      return {
        items: named(page.Groups, "kindGroup", (g) => [g.GroupName, (n) => path`/iam/groups/${n}`]),
        next: page.Marker,
      };
    },
    async (Marker) => {
      const page = await iam.send(new ListRolesCommand({ Marker, MaxItems: 1000 }));
      return {
        items: named(page.Roles, "kindRole", (r) => [r.RoleName, (n) => path`/iam/roles/${n}`]),
        next: page.Marker,
      };
    },
    async (Marker) => {
      const page = await iam.send(new ListPoliciesCommand({ Marker, MaxItems: 1000, Scope: "Local" }));
      return {
        items: named(page.Policies, "kindPolicy", (p) => [p.PolicyName, () => path`/iam/policies/${p.Arn ?? ""}`]),
        next: page.Marker,
      };
    },
    async (NextToken) => {
      const page = await organizations.send(new ListAccountsCommand({ NextToken }));
      return {
        items: named(page.Accounts, "kindAccount", (a) => [a.Name, () => path`/org/accounts/${a.Id ?? ""}`]),
        next: page.NextToken,
      };
    },
    async () => {
      const page = await s3.send(new ListBucketsCommand({}));
      return { items: named(page.Buckets, "kindBucket", (b) => [b.Name, (n) => path`/s3/${n}`]) };
    },
  ];
}

function named<T>(
  list: T[] | undefined,
  kind: ThingKind,
  of: (item: T) => [name: string | undefined, to: (name: string) => string],
): Thing[] {
  return (list ?? []).flatMap((item) => {
    const [name, to] = of(item);
    return name === undefined ? [] : [{ text: name, kind, to: to(name) }];
  });
}
