import type { CollectionPreferencesProps } from "@cloudscape-design/components/collection-preferences";
import { useCallback, useMemo, useState } from "react";

export interface TablePreferences {
  pageSize: number;
  wrapLines: boolean;
  stripedRows: boolean;
  contentDisplay: readonly { id: string; visible: boolean }[];
}

const keyOf = (name: string) => `regent-console-table-${name}`;

/** The reader's columns and page size for a table, kept in this browser. */
export function usePreferences(name: string, columns: { id: string; hidden?: boolean }[]) {
  const [kept, setKept] = useState<Partial<TablePreferences>>(() => read(name));
  const ids = columns.map((c) => `${c.id}${c.hidden ? "-" : ""}`).join();
  const preferences = useMemo(
    () => merge(kept, columns),
    // oxlint-disable-next-line react/exhaustive-deps -- ids says all of them that counts
    [kept, ids],
  );
  const setPreferences = useCallback(
    (chosen: CollectionPreferencesProps.Preferences) => {
      const next = chosen as Partial<TablePreferences>;
      localStorage.setItem(keyOf(name), JSON.stringify(next));
      setKept(next);
    },
    [name],
  );
  return { preferences, setPreferences };
}

function read(name: string): Partial<TablePreferences> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(name)) ?? "{}");
    return typeof kept === "object" && kept !== null ? kept : {};
  } catch {
    return {};
  }
}

/** Columns that have come since are shown, those that went are forgotten, and the first is always there. */
export function merge(kept: Partial<TablePreferences>, columns: { id: string; hidden?: boolean }[]): TablePreferences {
  const display = Array.isArray(kept.contentDisplay) ? kept.contentDisplay : [];
  const known = display.filter((d) => columns.some((c) => c.id === d.id));
  const added = columns.filter((c) => !known.some((d) => d.id === c.id)).map((c) => ({ id: c.id, visible: !c.hidden }));
  const all = [...known, ...added].map((d) => (d.id === columns[0]?.id ? { ...d, visible: true } : d));
  return {
    pageSize: [10, 25, 50, 100].includes(kept.pageSize ?? 0) ? (kept.pageSize as number) : 25,
    wrapLines: kept.wrapLines ?? false,
    stripedRows: kept.stripedRows ?? false,
    contentDisplay: all,
  };
}
