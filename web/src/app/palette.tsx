/** Goes anywhere by typing: a page, a thing by its name, or what was pasted: an ARN, an account, an access key. */
import Button from "@cloudscape-design/components/button";
import Icon from "@cloudscape-design/components/icon";
import {
  useContext,
  useDeferredValue,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
} from "react";
import { useSession } from "@/aws";
import { accountLabel, sessionName } from "@/components/account";
import { base, useGo } from "@/components/links";
import { recentOf, rememberRecent } from "@/components/recent";
import { LanguageContext, useMessages } from "@/messages";
import shell from "@/messages/en/shell";
import { navigation } from "./routes";
import { pasted, ranked, type Target } from "./targets";

/** More results than this help nobody. */
const most = 12;

export function Palette({ close }: { close: () => void }) {
  const m = useMessages(shell);
  const go = useGo();
  const { session } = useSession();
  const [input, setInput] = useState("");
  const [chosen, setChosen] = useState(0);
  const list = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const targets = useTargets(useDeferredValue(input.trim()));
  const at = Math.min(chosen, targets.length - 1);

  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  useEffect(() => {
    document.getElementById(`${list}-${at}`)?.scrollIntoView({ block: "nearest" });
  }, [list, at]);

  const follow = (target: Target) => {
    close();
    if (target.href !== undefined) {
      location.assign(target.href);
      return;
    }
    rememberRecent(session.arn, target);
    go(target.to);
  };
  const outside = (event: MouseEvent) => {
    if (event.target === dialog.current) close();
  };
  const pressed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && targets.length > 0) {
      event.preventDefault();
      setChosen((at + step + targets.length) % targets.length);
    }
    const target = targets[at];
    if (event.key === "Enter" && target) {
      event.preventDefault();
      follow(target);
    }
  };

  // The browser's own dialog: it keeps the focus, closes by Escape, and stands above everything.
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog ref={dialog} className="palette" aria-label={m("paletteTitle")} onClose={close} onClick={outside}>
      <div className="palette-field">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-expanded={targets.length > 0}
          aria-controls={list}
          aria-activedescendant={targets.length > 0 ? `${list}-${at}` : undefined}
          aria-autocomplete="list"
          aria-label={m("paletteLabel")}
          placeholder={m("palettePlaceholder")}
          spellCheck={false}
          autoComplete="off"
          value={input}
          onChange={(event) => {
            setInput(event.target.value);
            setChosen(0);
          }}
          onKeyDown={pressed}
        />
        <Button variant="icon" iconName="close" ariaLabel={m("paletteClose")} onClick={close} />
      </div>
      <ul id={list} role="listbox" aria-label={m("paletteResults")}>
        {targets.map((target, i) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the field above has the keys
          <li
            key={target.href ?? target.to}
            id={`${list}-${i}`}
            role="option"
            aria-selected={i === at}
            onClick={() => follow(target)}
            onMouseMove={() => setChosen(i)}
          >
            <span className="palette-text">{target.text}</span>
            <span className="palette-kind">{target.kind}</span>
          </li>
        ))}
      </ul>
      <p role="status">{targets.length === 0 ? m("paletteNothing") : ""}</p>
    </dialog>
  );
}

function useTargets(query: string): Target[] {
  const m = useMessages(shell);
  const language = useContext(LanguageContext);
  const { all, session } = useSession();
  const things = useThings(query.length >= 2);
  return useMemo(() => {
    const pages = navigation.map((n): Target => ({ text: n.text.in(language), kind: m("kindPage"), to: n.to }));
    const sessions = all
      .filter((s) => s.id !== session.id)
      .map((s): Target => ({
        text: `${sessionName(s)} · ${accountLabel(s)}`,
        kind: m("kindSession"),
        to: "",
        href: `${base}/~${s.id}/`,
      }));
    if (query === "") {
      const recent = recentOf(session.arn);
      return [...recent, ...pages.filter((p) => !recent.some((r) => r.to === p.to))].slice(0, most);
    }
    const direct = pasted(query, session.accountId, (key) => m(key));
    const found = [
      ...direct,
      ...ranked(recentOf(session.arn), query),
      ...ranked([...pages, ...sessions, ...things], query),
    ];
    return found.filter((t, i) => found.findIndex((o) => same(o, t)) === i).slice(0, most);
  }, [query, language, all, session, things, m]);
}

const same = (a: Target, b: Target) => a.to === b.to && a.href === b.href;

/** The account's things by name, read when the palette is first used and kept for a while. */
function useThings(wanted: boolean): Target[] {
  const m = useMessages(shell);
  const { connection } = useSession();
  const [things, setThings] = useState<Target[]>([]);
  useEffect(() => {
    if (!wanted) return;
    let stopped = false;
    void import("./things").then(({ readThings }) =>
      readThings(connection, (more) => {
        if (!stopped) setThings((old) => [...old, ...more.map((t) => ({ ...t, kind: m(t.kind) }))]);
      }),
    );
    return () => {
      stopped = true;
    };
  }, [wanted, connection, m]);
  return things;
}
