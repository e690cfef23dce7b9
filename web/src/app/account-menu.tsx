import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Icon from "@cloudscape-design/components/icon";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useLocation } from "react-router";
import { problemOf, useNotices, useSession, type Role, type Session } from "@/aws";
import { exitRole, pinRole, signInAddress, signOut, signOutOfBrowser } from "@/aws/sessions";
import { accountDigits, accountLabel, sessionName } from "@/components/account";
import { CopyButton } from "@/components/copy-button";
import { base, useTo } from "@/components/links";
import { Swatch } from "@/components/swatch";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import shell from "@/messages/en/shell";
import { useTimeLeft } from "./ending";
import { chooseTheme, theme, type Theme } from "./theme";
import { endOf } from "./use-end";
import type { Known } from "./use-sessions";

export function AccountMenu({ sessions, close }: { sessions: Known; close: () => void }) {
  const m = useMessages(shell);
  const { session, signedIn, all, history, pinned } = useSession();
  const acts = useActs(sessions);
  const to = useTo();
  const { pathname, search } = useLocation();
  const recent = history.filter((r) => !pinned.some((p) => same(p, r)));

  return (
    <>
      <Who />
      <hr />
      <Box variant="h3" padding="n">
        {m("sessions")}
      </Box>
      <ul>
        {all.map((s) => (
          <SessionLine key={s.id} session={s} current={s.id === session.id} />
        ))}
        <li>
          <a className="menu-line" href={signInAddress(`${base}/`)}>
            {m("addSession")}
          </a>
        </li>
      </ul>
      {signedIn.kind === "user" && (
        <>
          <Roles title={m("pinned")} roles={pinned} pinned acts={acts} />
          <Roles title={m("history")} roles={recent} pinned={false} acts={acts} />
        </>
      )}
      <hr />
      <SpaceBetween size="xs">
        <SpaceBetween size="xs" direction="horizontal">
          {session.kind === "role" && (
            <Button onClick={() => void acts.exit()}>{m("backTo", { user: sessionName(signedIn) })}</Button>
          )}
          {signedIn.kind === "user" && (
            <Button href={to("/switchrole")} onClick={close}>
              {m("switchRole")}
            </Button>
          )}
          <Button href={to("/security-credentials")} onClick={close}>
            {m("securityCredentials")}
          </Button>
        </SpaceBetween>
        <SpaceBetween size="xs" direction="horizontal" alignItems="center">
          <CopyToClipboard
            variant="inline"
            textToCopy={location.origin + base + linkOf(pathname, search, session.accountId)}
            textToDisplay={m("copyLink")}
            copyButtonAriaLabel={m("copyLinkLabel")}
            copySuccessText={m("linkCopied")}
            copyErrorText={m("linkNotCopied")}
          />
        </SpaceBetween>
        <ThemeChoice />
        <hr />
        <SpaceBetween size="xs" direction="horizontal">
          <Button onClick={() => void acts.out()}>{m("signOut")}</Button>
          {all.length > 1 && (
            <Button variant="link" onClick={() => void acts.outOfAll()}>
              {m("signOutAll")}
            </Button>
          )}
        </SpaceBetween>
      </SpaceBetween>
    </>
  );
}

/** An address that can be handed on: it says which account, not whose session. */
export function linkOf(pathname: string, search: string, account: string): string {
  const path = pathname.replace(/^\/~[^/]*/, "") || "/";
  const query = new URLSearchParams(search);
  // That page has a field of the name: the account of the role.
  if (path !== "/switchrole") query.set("account", account);
  return query.size > 0 ? `${path}?${query}` : path;
}

function Who() {
  const m = useMessages(shell);
  const c = useMessages(common);
  const { session, signedIn } = useSession();
  return (
    <SpaceBetween size="xxs">
      <Box>
        <Box variant="awsui-key-label" display="inline">
          {m("account")}
        </Box>{" "}
        <CopyToClipboard
          variant="inline"
          textToCopy={session.accountId}
          textToDisplay={accountDigits(session.accountId)}
          copyButtonAriaLabel={m("copyAccount")}
          copySuccessText={c("copied")}
          copyErrorText={c("copyFailed")}
        />
      </Box>
      {(session.accountAlias || session.accountName) && (
        <Box color="text-body-secondary">{session.accountAlias || session.accountName}</Box>
      )}
      <Box fontSize="body-s" className="break">
        {session.arn} <CopyButton text={session.arn} name={m("arn")} />
      </Box>
      <SpaceBetween direction="horizontal" size="s">
        <StatusIndicator type={signedIn.mfa ? "success" : "warning"}>
          {m(signedIn.mfa ? "mfaYes" : "mfaNo")}
        </StatusIndicator>
        <TimeLeft session={session} />
      </SpaceBetween>
    </SpaceBetween>
  );
}

function TimeLeft({ session }: { session: Session }) {
  const m = useMessages(shell);
  const left = useTimeLeft(endOf(session));
  if (left === Infinity) return null;
  const minutes = Math.max(0, Math.floor(left / 60_000));
  return (
    <Box display="inline" color="text-body-secondary">
      {m("timeLeft", { hours: Math.floor(minutes / 60), minutes: minutes % 60 })}
    </Box>
  );
}

function SessionLine({ session, current }: { session: Session; current: boolean }) {
  return (
    <li>
      <a className="menu-line" href={`${base}/~${session.id}/`} aria-current={current || undefined}>
        {session.kind === "role" ? <Swatch color={session.color} /> : <Icon name="user-profile" size="small" />}
        <span>
          <span className="menu-name">{sessionName(session)}</span>
          <span className="menu-account">{accountLabel(session)}</span>
        </span>
      </a>
    </li>
  );
}

function Roles({ title, roles, pinned, acts }: { title: string; roles: Role[]; pinned: boolean; acts: Acts }) {
  const m = useMessages(shell);
  const to = useTo();
  if (roles.length === 0) return null;
  return (
    <>
      <Box variant="h3" padding={{ top: "xs" }}>
        {title}
      </Box>
      <ul>
        {roles.map((role) => {
          const name = role.displayName || role.roleName;
          const { account, roleName, displayName, color } = role;
          const query = new URLSearchParams({ account, roleName, displayName, color });
          return (
            <li key={`${account}/${roleName}`} className="menu-role">
              <a className="menu-line" href={to(`/switchrole?${query}`)}>
                <Swatch color={color} />
                <span>
                  <span className="menu-name">{name}</span>
                  <span className="menu-account">
                    {accountLabel({ accountId: account, accountAlias: role.accountAlias })}
                  </span>
                </span>
              </a>
              <Button
                variant="icon"
                iconName={pinned ? "star-filled" : "star"}
                ariaLabel={m(pinned ? "unpin" : "pin", { role: name })}
                onClick={() => void acts.pin(role, !pinned)}
              />
            </li>
          );
        })}
      </ul>
    </>
  );
}

function ThemeChoice() {
  const m = useMessages(shell);
  const [chosen, setChosen] = useState(theme);
  return (
    <SegmentedControl
      label={m("theme")}
      selectedId={chosen}
      options={(["system", "light", "dark"] as const).map((id) => ({ id, text: m(`theme_${id}`) }))}
      onChange={({ detail }) => {
        chooseTheme(detail.selectedId as Theme);
        setChosen(detail.selectedId as Theme);
      }}
    />
  );
}

const same = (a: Role, b: Role) => a.account === b.account && a.roleName === b.roleName;

type Acts = ReturnType<typeof useActs>;

/** What the menu does; where it goes afterwards is another session's page, loaded anew. */
function useActs(sessions: Known) {
  const { session, signedIn } = useSession();
  const notices = useNotices();
  const attempt = async (act: () => Promise<void>) => {
    try {
      await act();
    } catch (error) {
      notices.problem(problemOf(error));
    }
  };
  const leave = (path: string) => {
    void sessions.changed();
    location.assign(base + path);
  };
  return {
    exit: () => attempt(async () => leave(`/~${(await exitRole(session.id)).session}/`)),
    out: () => attempt(async () => signOut(session.id).then(() => leave("/"))),
    outOfAll: () => attempt(async () => signOutOfBrowser().then(() => leave("/"))),
    pin: (role: Role, pinned: boolean) =>
      attempt(async () => {
        await pinRole(signedIn.id, role, pinned);
        await sessions.changed();
      }),
  };
}
