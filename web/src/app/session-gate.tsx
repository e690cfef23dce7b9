import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useNavigate, useParams } from "react-router";
import { SessionContext, type CurrentSession } from "@/aws/context";
import { Connection } from "@/aws/connection";
import { NoticesContext } from "@/aws/notices";
import { switchRole, type Session, type Sessions, type SessionsError } from "@/aws/sessions";
import { Choose } from "./choose";
import { Ending } from "./ending";
import { remember } from "./last-used";
import { useNoticeList } from "./notices";
import { ReauthDialog, useReauthentication } from "./reauth-dialog";
import { Shell } from "./shell";
import { useActivity } from "./activity";
import { useEnd } from "./use-end";
import { useSessions } from "./use-sessions";

/**
 * Stands between the address and the pages: finds the session that "~id" names and gives it to them. A session that
 * ends stays on the screen, under an overlay, until the same user is back: then the address gets the new id and the
 * pages go on with what was typed into them.
 */
export function SessionGate() {
  const { session: segment = "" } = useParams();
  const known = useSessions();
  const id = segment.startsWith("~") ? segment.slice(1) : "";
  const found = id === "" ? undefined : known.sessions?.sessions.find((s) => s.id === id);
  const last = useRef<{ session: Session; all: Sessions }>(undefined);
  if (found && known.sessions) last.current = { session: found, all: known.sessions };

  // Not here yet, never here, or an address without a session.
  if (last.current?.session.id !== id || id === "") return <Choose />;
  const { session, all } = last.current;
  return <Opened key={session.arn} session={session} known={all} gone={found === undefined} sessions={known} />;
}

interface OpenedProps {
  session: Session;
  known: Sessions;
  /** The server no longer knows the session. */
  gone: boolean;
  sessions: ReturnType<typeof useSessions>;
}

function Opened({ session, known, gone, sessions }: OpenedProps) {
  const reauthentication = useReauthentication();
  const [refused, setRefused] = useState<{ session: string; error: SessionsError }>();
  const notices = useNoticeList();
  const { ask } = reauthentication;
  const signedIn = known.sessions.find((s) => s.id === session.origin) ?? session;

  const { id } = session;
  const { region } = known;
  const { reload } = sessions;
  const connection = useMemo(
    () =>
      new Connection(id, region, ask, (error) => {
        setRefused({ session: id, error });
        void reload();
      }),
    [id, region, ask, reload],
  );
  useEffect(() => () => connection.close(), [connection]);
  useEffect(() => {
    remember({ id, arn: session.arn, account: session.accountId });
  }, [id, session.arn, session.accountId]);

  const timeUp = useEnd(session, reload);
  const ended = gone || timeUp || refused?.session === id;
  useActivity(session, ended);
  const back = useComeBack(session, signedIn);
  useEffect(() => {
    if (ended && sessions.sessions) void back(sessions.sessions);
  }, [ended, sessions.sessions, back]);

  const current = useMemo<CurrentSession>(
    () => ({
      session,
      signedIn,
      all: known.sessions,
      history: known.history[signedIn.id] ?? [],
      pinned: known.pinned[signedIn.id] ?? [],
      region: known.region,
      connection,
    }),
    [session, signedIn, known, connection],
  );

  return (
    <SessionContext value={current}>
      <NoticesContext value={notices}>
        <Shell notices={notices} sessions={sessions} />
        <ReauthDialog asked={reauthentication} session={signedIn} />
        <Ending
          session={session}
          signedIn={signedIn}
          ended={ended}
          why={refused?.session === id ? refused.error.why : []}
          others={sessions.sessions?.sessions ?? []}
        />
      </NoticesContext>
    </SessionContext>
  );
}

/** Returns what goes on in a new session of the same identity, when there is one. */
function useComeBack(session: Session, signedIn: Session) {
  const navigate = useNavigate();
  const { pathname, search, hash } = useLocation();
  const trying = useRef("");
  const place = useRef({ pathname, search, hash });
  useEffect(() => {
    place.current = { pathname, search, hash };
  }, [pathname, search, hash]);
  return useCallback(
    async (now: Sessions) => {
      const same = now.sessions.find((s) => s.id !== session.id && s.arn === session.arn && s.kind === session.kind);
      const user = now.sessions.find((s) => s.id !== signedIn.id && s.arn === signedIn.arn && s.kind !== "role");
      let next = same;
      if (!next && user && session.kind === "role" && trying.current !== user.id) {
        trying.current = user.id; // once for each sign-in: a refusal stays one
        next = await switchRole({
          session: user.id,
          account: session.accountId,
          roleName: session.roleName,
          displayName: session.displayName,
          color: session.color,
        }).then(
          (answer) => answer.session,
          () => undefined,
        );
      }
      if (!next) return;
      const { pathname: path, search: query, hash: fragment } = place.current;
      void navigate(path.replace(/^\/~[^/]*/, `/~${next.id}`) + query + fragment, { replace: true });
    },
    [session, signedIn, navigate],
  );
}
