import Icon from "@cloudscape-design/components/icon";
import { useCallback, useEffect, useId, useRef, useState } from "react";
import { useSession } from "@/aws";
import { accountDigits, sessionName } from "@/components/account";
import { roleColor } from "@/components/colors";
import { useTo } from "@/components/links";
import { useMessages } from "@/messages";
import shell from "@/messages/en/shell";
import { AccountMenu } from "./account-menu";
import type { Known } from "./use-sessions";

interface Props {
  sessions: Known;
  openPalette: () => void;
  openHelp: () => void;
}

/** The bar has the colour of the role, so that "prod" is never mistaken for "dev"; the account's id is always on it. */
export function TopBar({ sessions, openPalette, openHelp }: Props) {
  const m = useMessages(shell);
  const to = useTo();
  const { session, region } = useSession();
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
      <span className="bar-region bar-wide" title={m("regionText")}>
        {region}
      </span>
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

/** The account menu is a panel that a button opens, not a menu: it holds text, links and buttons. */
function Account({ sessions, who, account }: { sessions: Known; who: string; account: string }) {
  const m = useMessages(shell);
  const { session } = useSession();
  const [open, setOpen] = useState(false);
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = useCallback(() => setOpen(false), []);

  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    addEventListener("focusin", outside);
    return () => {
      removeEventListener("pointerdown", outside);
      removeEventListener("focusin", outside);
    };
  }, [open]);

  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Escape closes from wherever the focus is
    <div
      ref={root}
      className="account"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        ref={button}
        type="button"
        className="bar-button bar-account"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <span className="bar-names">
          <span className="bar-who">{session.kind === "role" ? m("inRole", { role: who }) : who}</span>
          <span className="bar-id">{account}</span>
        </span>
        <Icon name={open ? "caret-up-filled" : "caret-down-filled"} />
      </button>
      {open && <AccountMenu id={id} sessions={sessions} close={close} />}
    </div>
  );
}
