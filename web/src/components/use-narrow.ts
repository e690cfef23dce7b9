import { useSyncExternalStore } from "react";

const query = matchMedia("(max-width: 640px)");

function subscribe(changed: () => void) {
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

/** Whether the window is too narrow for tables. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => query.matches);
}
