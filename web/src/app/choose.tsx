/** Which session an address without one means: the only one, the last one used in this tab, or what the user says. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Navigate, useLocation } from "react-router";
import type { Role, Session, Sessions } from "@/aws/sessions";
import { signInAddress } from "@/aws/sessions";
import { accountDigits, accountLabel, sessionName } from "@/components/account";
import { Swatch } from "@/components/swatch";
import { base } from "@/components/links";
import { useMessages } from "@/messages";
import shell from "@/messages/en/shell";
import { Failed, Waiting } from "./waiting";
import { lastUsed } from "./last-used";
import { useSessions } from "./use-sessions";

export function Choose() {
  const { sessions, signedOut, error, reload } = useSessions();
  const { pathname, search } = useLocation();
  if (error !== undefined && error !== null) return <Failed error={error} retry={() => void reload()} />;
  const place = placeOf(pathname, search);
  if (signedOut || sessions?.sessions.length === 0) {
    location.replace(signInAddress(base + place.address, place.account));
    return <Waiting />;
  }
  if (sessions === undefined) return <Waiting />;
  const chosen = pick(sessions.sessions, place, lastUsed());
  if (chosen) return <Navigate replace to={`/~${chosen.id}${place.rest}`} />;
  return <Chooser known={sessions} place={place} />;
}

export interface Place {
  /** The path below the session, with its query. */
  rest: string;
  /** The same without a session, with the account: what can be handed on. */
  address: string;
  /** The account that the address asks for, or "". */
  account: string;
  /** The session that the address names, or "". */
  session: string;
}

/** Takes an address of the console apart. */
export function placeOf(pathname: string, search: string): Place {
  const named = /^\/~([^/]*)(.*)$/.exec(pathname);
  const path = named ? named[2] || "/" : pathname;
  const query = new URLSearchParams(search);
  // Switch role has a field of that name: the account of the role.
  const account = path === "/switchrole" ? "" : (query.get("account") ?? "");
  if (path !== "/switchrole") query.delete("account");
  const tail = query.size > 0 ? `?${query}` : "";
  const rest = path + tail;
  if (account !== "") query.set("account", account);
  return { rest, address: path + (query.size > 0 ? `?${query}` : ""), account, session: named?.[1] ?? "" };
}

/** Returns the session that is meant beyond doubt. */
export function pick(sessions: Session[], place: Place, last: { id: string; arn: string } | undefined) {
  const named = sessions.find((s) => s.id === place.session);
  if (named) return named;
  const fit = sessions.filter(
    (s) => place.account === "" || s.accountId === place.account || s.accountAlias === place.account,
  );
  // An address that names a session means its account, which only this tab may know: never another in silence.
  if (place.session !== "") {
    return last?.id === place.session ? only(fit.filter((s) => s.arn === last.arn)) : undefined;
  }
  return only(fit) ?? fit.find((s) => s.id === last?.id);
}

function only(sessions: Session[]): Session | undefined {
  return sessions.length === 1 ? sessions[0] : undefined;
}

function Chooser({ known, place }: { known: Sessions; place: Place }) {
  const m = useMessages(shell);
  const { account } = place;
  const fit = known.sessions.filter((s) => account === "" || s.accountId === account || s.accountAlias === account);
  const offered = account === "" ? [] : rolesOf(known, account);
  const title =
    place.session !== ""
      ? m("chooseEnded")
      : account !== ""
        ? m("chooseAccount", { account: accountDigits(account) })
        : m("chooseTitle");
  return (
    <main className="choose">
      <Container
        header={
          <Header variant="h1" description={fit.length > 0 ? m("chooseText") : m("chooseNone")}>
            {title}
          </Header>
        }
      >
        <SpaceBetween size="m">
          {fit.map((s) => (
            <div key={s.id} className="choice">
              <Swatch color={s.color} />
              <div>
                <Link href={`${base}/~${s.id}${place.rest}`} fontSize="heading-s">
                  {sessionName(s)}
                </Link>
                <Box color="text-body-secondary">{accountLabel(s)}</Box>
              </div>
            </div>
          ))}
          {offered.map((r) => (
            <div key={`${r.account}/${r.roleName}`} className="choice">
              <Swatch color={r.color} />
              <div>
                <Link href={`${base}/~${r.from}/switchrole?${switchQuery(r)}`} fontSize="heading-s">
                  {m("chooseSwitch", { role: r.displayName || r.roleName })}
                </Link>
                <Box color="text-body-secondary">
                  {accountLabel({ accountId: r.account, accountAlias: r.accountAlias })}
                </Box>
              </div>
            </div>
          ))}
          <Button href={signInAddress(base + place.address, account)} iconName="external">
            {m("signInOther")}
          </Button>
        </SpaceBetween>
      </Container>
    </main>
  );
}

/** The roles of an account that the signed-in users have pinned or used. */
function rolesOf(known: Sessions, account: string): (Role & { from: string })[] {
  const roles = new Map<string, Role & { from: string }>();
  for (const of of [known.pinned, known.history]) {
    for (const [from, list] of Object.entries(of)) {
      for (const role of list) {
        if (role.account === account || role.accountAlias === account) {
          const id = `${role.account}/${role.roleName}`;
          if (!roles.has(id)) roles.set(id, { ...role, from });
        }
      }
    }
  }
  return [...roles.values()];
}

function switchQuery(role: Role): string {
  const { account, roleName, displayName, color } = role;
  return new URLSearchParams({ account, roleName, displayName, color }).toString();
}
