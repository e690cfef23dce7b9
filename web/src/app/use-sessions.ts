/** The sessions of this browser, as the server knows them. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { getSessions, SessionsError, type Sessions } from "@/aws/sessions";
import { listen, tell } from "./channel";

const key = ["sessions"];

export interface Known {
  sessions: Sessions | undefined;
  /** Nobody is signed in in this browser. */
  signedOut: boolean;
  error: unknown;
  reload: () => Promise<Sessions | undefined>;
  /** After this tab changed them: reads them anew, here and in the other tabs. */
  changed: () => Promise<Sessions | undefined>;
}

export function useSessions(): Known {
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => {
      try {
        return await getSessions(signal);
      } catch (error) {
        // Nobody is signed in: an answer like any other, and not the last one kept beside an error.
        if (error instanceof SessionsError && error.signedOut) return null;
        throw error;
      }
    },
    staleTime: 10_000,
  });
  const { refetch } = query;
  const reload = useCallback(async () => (await refetch()).data ?? undefined, [refetch]);
  useEffect(
    () =>
      listen((message) => {
        if (message.type === "sessions") void reload();
        if (message.type === "extended") {
          queries.setQueryData<Sessions | null>(key, (known) => known && extended(known, message));
        }
      }),
    [queries, reload],
  );
  const changed = useCallback(() => {
    tell({ type: "sessions" });
    return reload();
  }, [reload]);
  return {
    sessions: query.data ?? undefined,
    signedOut: query.data === null,
    error: query.data === undefined ? query.error : undefined,
    reload,
    changed,
  };
}

/** Returns what sets the ends of a session that the server told. */
export function useExtend() {
  const queries = useQueryClient();
  return useCallback(
    (session: string, ends: { idleExpiresAt: string; expiresAt: string }) => {
      queries.setQueryData<Sessions | null>(key, (known) => known && extended(known, { session, ...ends }));
      tell({ type: "extended", session, ...ends });
    },
    [queries],
  );
}

function extended(known: Sessions, ends: { session: string; idleExpiresAt: string; expiresAt: string }): Sessions {
  // One person sits before all sessions of a browser: none of them is idle now.
  const sessions = known.sessions.map((s) => ({
    ...s,
    idleExpiresAt: ends.idleExpiresAt,
    expiresAt: s.id === ends.session ? ends.expiresAt : s.expiresAt,
  }));
  return { ...known, sessions };
}
