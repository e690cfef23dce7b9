import { useCallback, useMemo, useRef } from "react";
import { useSearchParams } from "react-router";
import { readView, writeView, type TableView } from "./table-url";

/** Returns a table's view, which is in the address, and what changes it. */
export function useView(prefix: string, defaults: { sort: string; descending: boolean }) {
  const [search, setSearch] = useSearchParams();
  const view = useMemo(() => readView(search, prefix, defaults), [search, prefix, defaults]);
  const now = useRef(view);
  now.current = view;
  const change = useCallback(
    (part: Partial<TableView>) => {
      now.current = { ...now.current, ...part };
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
