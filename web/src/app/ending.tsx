/** The bar before a session ends, and what covers the page when it has. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import LiveRegion from "@cloudscape-design/components/live-region";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useState } from "react";
import { now } from "@/aws";
import { reportActivity, signInAddress, type Session } from "@/aws/sessions";
import { accountLabel, sessionName } from "@/components/account";
import { base } from "@/components/links";
import { useMessages } from "@/messages";
import shell from "@/messages/en/shell";
import { canStay, endOf } from "./use-end";
import { useExtend } from "./use-sessions";

/** How long before the end it is announced. */
const notice = 5 * 60_000;

interface Props {
  session: Session;
  signedIn: Session;
  ended: boolean;
  /** Why a role was not given again, as far as the user may know. */
  why: string[];
  others: Session[];
}

export function Ending(props: Props) {
  return props.ended ? <Ended {...props} /> : <EndsSoon session={props.session} signedIn={props.signedIn} />;
}

/** Milliseconds until a time, told every second once it is near. */
export function useTimeLeft(end: number, near = notice): number {
  const [left, setLeft] = useState(() => end - now());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      const remaining = end - now();
      setLeft(remaining);
      if (end !== Infinity) timer = setTimeout(tick, remaining > near ? Math.min(remaining - near, 30_000) : 1000);
    };
    tick();
    return () => clearTimeout(timer);
  }, [end, near]);
  return left;
}

export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Whether it is the role's own time that is over, and not that of who switched to it. */
function isRolesTime(session: Session, signedIn: Session): boolean {
  return session.kind === "role" && Date.parse(session.expiresAt) < endOf(signedIn);
}

function EndsSoon({ session, signedIn }: { session: Session; signedIn: Session }) {
  const m = useMessages(shell);
  const left = useTimeLeft(endOf(session));
  const extend = useExtend();
  if (left > notice || left <= 0) return null;
  const stay = canStay(session);
  const role = isRolesTime(session, signedIn);
  const announced = m("endsInMinutes", { minutes: Math.ceil(left / 60_000) });
  const text = role ? "roleEndsIn" : stay ? "idleEndsIn" : "endsIn";
  return (
    <section className="ends-soon" aria-label={announced}>
      <Alert
        type="warning"
        action={
          stay ? (
            <Button onClick={() => void reportActivity(session.id).then((ends) => extend(session.id, ends))}>
              {m("stay")}
            </Button>
          ) : (
            // A role's time is its own: signing in again adds none.
            !role && <SignInAgain session={session} />
          )
        }
      >
        {/* Read out once a minute: every second would be a torment. */}
        <LiveRegion hidden tagName="span">
          {announced}
        </LiveRegion>
        <span aria-hidden="true">{m(text, { time: clock(left) })}</span>
      </Alert>
    </section>
  );
}

/** Signs in in a tab of its own: this page and what was typed into it stay. */
function signInApart(session: Session): void {
  const own = signInAddress(`${base}/signed-in`, session.accountAlias || session.accountId);
  window.open(session.issuer || own, "_blank", "noopener");
}

/** The host at which a federated user signs in again: it is somebody else's, and is said before it is gone to. */
function issuerHost(session: Session): string | undefined {
  return session.issuer ? URL.parse(session.issuer)?.host : undefined;
}

function SignInAgain({ session, primary }: { session: Session; primary?: boolean }) {
  const m = useMessages(shell);
  const host = issuerHost(session);
  return (
    <Button variant={primary ? "primary" : "normal"} iconName="external" onClick={() => signInApart(session)}>
      {host ? m("signInAgainAt", { host }) : m("signInAgain")}
    </Button>
  );
}

function Ended({ session, signedIn, why, others }: Props) {
  const m = useMessages(shell);
  // A role whose renewal was refused, while its user is still there.
  const user = others.find((s) => s.id === signedIn.id && s.id !== session.id);
  const over = user !== undefined && isRolesTime(session, user) && Date.parse(session.expiresAt) <= now();
  const { accountId: account, roleName, displayName, color } = session;
  const again = () =>
    location.assign(
      `${base}/~${user?.id}/switchrole?${new URLSearchParams({ account, roleName, displayName, color })}`,
    );
  const leave = () => location.assign(user ? `${base}/~${user.id}/` : `${base}/`);
  return (
    <Modal
      visible
      header={m(over ? "roleOverTitle" : user ? "roleEndedTitle" : "endedTitle")}
      onDismiss={leave}
      closeAriaLabel={m("leave")}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={leave}>
              {user ? m("backTo", { user: sessionName(user) }) : m("leave")}
            </Button>
            {!user && <SignInAgain session={signedIn} primary />}
            {over && (
              <Button variant="primary" onClick={again}>
                {m("switchAgain")}
              </Button>
            )}
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="s">
        <Box variant="p">
          {user
            ? m(over ? "roleOverText" : "roleEndedText", { role: sessionName(session), account: accountLabel(session) })
            : m("endedText", { user: sessionName(signedIn), account: accountLabel(signedIn) })}
        </Box>
        {why.map((reason) => (
          <Box key={reason}>{reason}</Box>
        ))}
      </SpaceBetween>
    </Modal>
  );
}
