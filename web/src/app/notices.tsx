import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import { useCallback, useMemo, useState } from "react";
import { now, type Problem } from "@/aws";
import type { Notices } from "@/aws/notices";
import { ProblemBody, useProblemTitle } from "@/components/error-panel";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import shell from "@/messages/en/shell";

type Entry = { id: number } & (
  { type: "success" | "info" | "warning"; text: string } | { type: "error"; problem: Problem }
);

/** A message as it was, when. */
export type Past = Entry & { at: Date };

export interface NoticeList extends Notices {
  entries: Entry[];
  /** All of this page load, the newest first, whether they still stand above the page or not. */
  past: Past[];
  /** How many of them came since they were last looked at. */
  unread: number;
  read: () => void;
  clear: () => void;
  dismiss: (id: number) => void;
  /** Another page: what was said of the last one goes, what went wrong stays until it is dismissed. */
  turnPage: () => void;
}

/** More are not read. */
const most = 5;
/** More are not kept. */
const mostPast = 100;
let lastId = 0;

export function useNoticeList(): NoticeList {
  const [entries, setEntries] = useState<(Entry & { page: number })[]>([]);
  const [past, setPast] = useState<Past[]>([]);
  const [unread, setUnread] = useState(0);
  const add = useCallback(
    (said: Omit<Extract<Entry, { text: string }>, "id"> | Omit<Extract<Entry, { problem: Problem }>, "id">) => {
      const entry = { ...said, id: ++lastId } as Entry;
      setEntries((old) => [{ ...entry, page: 0 }, ...old].slice(0, most));
      setPast((old) => [{ ...entry, at: new Date(now()) }, ...old].slice(0, mostPast));
      setUnread((before) => Math.min(before + 1, mostPast));
    },
    [],
  );
  const read = useCallback(() => setUnread(0), []);
  const clear = useCallback(() => {
    setPast([]);
    setUnread(0);
  }, []);
  const dismiss = useCallback((id: number) => setEntries((old) => old.filter((e) => e.id !== id)), []);
  const turnPage = useCallback(() => {
    // A write says that it is done and goes to another page: its message comes along once.
    setEntries((old) => old.map((e) => ({ ...e, page: e.page + 1 })).filter((e) => e.type === "error" || e.page < 2));
  }, []);
  return useMemo(
    () => ({
      entries,
      past,
      unread,
      read,
      clear,
      dismiss,
      turnPage,
      success: (text) => add({ type: "success", text }),
      info: (text) => add({ type: "info", text }),
      warning: (text) => add({ type: "warning", text }),
      problem: (problem) => add({ type: "error", problem }),
    }),
    [entries, past, unread, read, clear, dismiss, turnPage, add],
  );
}

export function NoticeBar({ notices }: { notices: NoticeList }) {
  const c = useMessages(common);
  const m = useMessages(shell);
  const titleOf = useProblemTitle();
  const items = notices.entries.map((entry): FlashbarProps.MessageDefinition => ({
    id: String(entry.id),
    type: entry.type,
    dismissible: true,
    dismissLabel: c("close"),
    onDismiss: () => notices.dismiss(entry.id),
    ariaRole: entry.type === "error" ? "alert" : "status",
    header: entry.type === "error" ? titleOf(entry.problem) : undefined,
    content: entry.type === "error" ? <ProblemBody problem={entry.problem} /> : entry.text,
  }));
  return <Flashbar items={items} i18nStrings={{ ariaLabel: m("notices") }} />;
}
