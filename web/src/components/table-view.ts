import { useCallback, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { mostSelected, readView, writeView, type TableView } from "./table-url";

/** Returns a table's view, which is in the address, and what changes it. */
export function useView(prefix: string, defaults: { sort: string; descending: boolean }) {
  const [search, setSearch] = useSearchParams();
  // A selection that is too long for an address.
  const [many, setMany] = useState<string[]>();
  const view = useMemo(() => {
    const read = readView(search, prefix, defaults);
    return many ? { ...read, selected: many } : read;
  }, [search, prefix, defaults, many]);
  const now = useRef(view);
  now.current = view;
  const change = useCallback(
    (part: Partial<TableView>) => {
      now.current = { ...now.current, ...part };
      const { selected } = now.current;
      setMany(selected.length > mostSelected ? selected : undefined);
      setSearch((old) => writeView(old, prefix, now.current, defaults), { replace: true, preventScrollReset: true });
    },
    [setSearch, prefix, defaults],
  );
  const key = useMemo(() => {
    const { selected: _, ...rest } = view;
    return JSON.stringify(rest);
  }, [view]);
  return { view, change, key };
}
