/**
 * What another open session of this browser may see and do: pages use it to look at the other side of a trust, in the
 * account that it names. What is asked so is asked as that session, and refused as it would be there.
 */
import { useEffect, useMemo } from "react";
import { Connection } from "./connection";
import { useSession } from "./context";
import { IAMClient } from "./iam";
import { RegentClient } from "./regent";
import type { Session } from "./sessions";

/** Returns an open session of an account, a role's or user's before root's, which may less but needs no password. */
export function sessionIn(sessions: Session[], account: string, current: Session): Session | undefined {
  if (current.accountId === account) return current;
  const there = sessions.filter((s) => s.accountId === account);
  return there.find((s) => s.kind !== "root") ?? there[0];
}

export interface OtherSession {
  session: Session;
  iam: IAMClient;
  regent: RegentClient;
}

/** Returns the open session of an account with its clients; undefined when there is none. */
export function useSessionIn(account: string | undefined): OtherSession | undefined {
  const { session: current, all, connection: own, region } = useSession();
  const session = account === undefined ? undefined : sessionIn(all, account, current);
  const id = session?.id;
  const other = useMemo(() => {
    if (id === undefined || id === own.session) return undefined;
    const never = () => Promise.resolve(false); // who is there is asked in that session's own pages
    return new Connection(id, region, never, () => {});
  }, [id, own, region]);
  useEffect(() => () => other?.close(), [other]);
  const connection = other ?? own;
  return useMemo(
    () => session && { session, iam: connection.client(IAMClient), regent: new RegentClient(connection) },
    [session, connection],
  );
}
