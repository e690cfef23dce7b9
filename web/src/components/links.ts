/** Addresses in the console. Pages write paths below the session; the session stands before them. */
import { useCallback } from "react";
import { useNavigate, useParams, useSearchParams, type NavigateOptions } from "react-router";
import { useSession } from "@/aws";

export const base = "/_regent/console";

/** Puts values into a path, encoded: path`/iam/users/${name}`. */
export function path(parts: TemplateStringsArray, ...values: string[]): string {
  return parts.reduce((whole, part, i) => whole + encodeURIComponent(values[i - 1] ?? "") + part);
}

/** Returns what makes an address, for href, of a path below the session. */
export function useTo(): (to: string) => string {
  const { session } = useSession();
  return useCallback((to) => `${base}/~${session.id}${to}`, [session.id]);
}

/** Returns what goes to a path below the session. */
export function useGo(): (to: string, options?: NavigateOptions) => void {
  const { session } = useSession();
  const navigate = useNavigate();
  return useCallback((to, options) => void navigate(`/~${session.id}${to}`, options), [session.id, navigate]);
}

/** Returns a parameter of the route, decoded. */
export function useParam(name: string): string {
  return useParams()[name] ?? "";
}

/** Keeps which tab is shown in the address; the first is the default. */
export function useTab<T extends string>(tabs: readonly [T, ...T[]]): [T, (tab: string) => void] {
  const [search, setSearch] = useSearchParams();
  const asked = search.get("tab");
  const tab = tabs.find((t) => t === asked) ?? tabs[0];
  const choose = useCallback(
    (chosen: string) =>
      setSearch(
        // Another tab has another table: its filter does not come along.
        new URLSearchParams(chosen === tabs[0] ? {} : { tab: chosen }),
        { replace: true },
      ),
    [setSearch, tabs],
  );
  return [tab, choose];
}
