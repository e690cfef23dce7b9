import Box from "@cloudscape-design/components/box";
import Icon from "@cloudscape-design/components/icon";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSession } from "@/aws";
import { accountDigits, sessionName } from "@/components/account";
import { roleColor } from "@/components/colors";
import { CopyButton } from "@/components/copy-button";
import { useTo } from "@/components/links";
import { useMessages } from "@/messages";
import shell from "@/messages/en/shell";
import { AccountMenu } from "./account-menu";
import { BarPanel } from "./bar-panel";
import type { NoticeList } from "./notices";
import { NoticesMenu } from "./notices-menu";
import type { Known } from "./use-sessions";

interface Props {
  sessions: Known;
  notices: NoticeList;
  openPalette: () => void;
  openHelp: () => void;
}

/** The bar has the colour of the role, so that "prod" is never mistaken for "dev"; the account's id is always on it. */
export function TopBar({ sessions, notices, openPalette, openHelp }: Props) {
  const m = useMessages(shell);
  const to = useTo();
  const { session } = useSession();
  const color = session.kind === "role" ? roleColor(session.color) : undefined;
  return (
    <header
      id="bar"
      className={color ? "bar bar-colored" : "bar"}
      style={color ? { backgroundColor: color } : undefined}
    >
      <a className="bar-brand" href={to("/")} aria-label={m("brandLabel")}>
        <Mark />
        <span>{m("brand")}</span>
      </a>
      <button type="button" className="bar-search" onClick={openPalette} aria-label={m("searchLabel")}>
        <Icon name="search" />
        <span className="bar-wide">{m("search")}</span>
        <kbd className="bar-wide">{m("searchKey")}</kbd>
      </button>
      <span className="bar-space" />
      <Region />
      <NoticesMenu notices={notices} />
      <button type="button" className="bar-button bar-wide" onClick={openHelp} aria-label={m("helpLabel")}>
        <Icon name="status-info" />
      </button>
      <Account sessions={sessions} who={sessionName(session)} account={accountDigits(session.accountId)} />
    </header>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true" focusable="false">
      <path d="M4 24 L4 9 L10.5 15 L16 6 L21.5 15 L28 9 L28 24 Z" fill="currentColor" />
      <rect x="4" y="26" width="24" height="2.6" rx="1.3" fill="currentColor" />
    </svg>
  );
}

function Account({ sessions, who, account }: { sessions: Known; who: string; account: string }) {
  const m = useMessages(shell);
  const { session } = useSession();
  return (
    <BarPanel
      title={m("accountMenu")}
      className="bar-account"
      button={(open) => (
        <>
          <span className="bar-names">
            <span className="bar-who">{session.kind === "role" ? m("inRole", { role: who }) : who}</span>
            <span className="bar-id">{account}</span>
          </span>
          <Icon name={open ? "caret-up-filled" : "caret-down-filled"} />
        </>
      )}
    >
      {(close) => <AccountMenu sessions={sessions} close={close} />}
    </BarPanel>
  );
}

/** There is one region: its menu says what it is for. */
function Region() {
  const m = useMessages(shell);
  const { region } = useSession();
  return (
    <BarPanel title={m("region")} label={m("regionLabel", { region })} className="bar-wide" button={() => region}>
      {() => (
        <SpaceBetween size="xs">
          <Box variant="h2" padding="n">
            {m("region")}
          </Box>
          <CopyButton text={region} name={m("region")} shown />
          <Box color="text-body-secondary">{m("regionText")}</Box>
        </SpaceBetween>
      )}
    </BarPanel>
  );
}
