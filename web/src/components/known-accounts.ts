/** Accounts that can be named by more than their ids: those of open sessions, of roles used before, of the organization. */
import { useMemo } from "react";
import { readAll, useRead, useSession, type Problem } from "@/aws";
import { ListAccountsCommand, useOrganizations } from "@/aws/organizations";

export interface KnownAccount {
  id: string;
  alias: string;
  name: string;
}

export interface KnownAccounts {
  /** Each account once, in the first of these that has it. */
  open: KnownAccount[];
  recent: KnownAccount[];
  organization: KnownAccount[];
  all: KnownAccount[];
  /** Why the organization's are missing. */
  problem: Problem | undefined;
}

const nobody: KnownAccount[] = [];

export function useKnownAccounts(): KnownAccounts {
  const { all: sessions, history, pinned } = useSession();
  const organizations = useOrganizations();
  const listed = useRead(["organizations", "accounts", "known"], () =>
    readAll(async (NextToken) => {
      const page = await organizations.send(new ListAccountsCommand({ NextToken }));
      const items = (page.Accounts ?? []).map((a): KnownAccount => ({ id: a.Id ?? "", alias: "", name: a.Name ?? "" }));
      return { items, next: page.NextToken };
    }),
  );
  const organization = listed.data ?? nobody;
  return useMemo(() => {
    const seen = new Set<string>();
    const names = new Map(organization.map((a) => [a.id, a.name]));
    const once = (accounts: KnownAccount[]) =>
      accounts
        .filter((a) => !seen.has(a.id) && seen.add(a.id))
        .map((a) => ({ ...a, name: a.name || (names.get(a.id) ?? "") }));
    const open = once(sessions.map((s) => ({ id: s.accountId, alias: s.accountAlias, name: s.accountName })));
    const recent = once([...history, ...pinned].map((r) => ({ id: r.account, alias: r.accountAlias, name: "" })));
    const rest = once(organization);
    return { open, recent, organization: rest, all: [...open, ...recent, ...rest], problem: listed.problem };
  }, [sessions, history, pinned, organization, listed.problem]);
}

/** Returns the id of the account that somebody means: by its id, with dashes or without, its alias or its name. */
export function accountMeant(text: string, known: readonly KnownAccount[]): string | undefined {
  const wanted = text.trim();
  const digits = wanted.replaceAll("-", "");
  if (/^\d{12}$/.test(digits)) return digits;
  const lower = wanted.toLowerCase();
  if (lower === "") return undefined;
  // An alias belongs to one account; a name in the organization may be that of two.
  const aliased = known.find((a) => a.alias.toLowerCase() === lower);
  if (aliased) return aliased.id;
  const named = known.filter((a) => a.name.toLowerCase() === lower);
  return named.length === 1 ? named[0]?.id : undefined;
}
