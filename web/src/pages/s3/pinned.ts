/** The buckets that somebody keeps at hand. They are a convenience of this browser, so they stay in it. */
import { useCallback, useMemo, useSyncExternalStore } from "react";
import { useSession } from "@/aws";

const listeners = new Set<() => void>();
const most = 20;

function read(key: string): string {
  return localStorage.getItem(key) ?? "[]";
}

function namesIn(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((v): v is string => typeof v === "string").slice(0, most) : [];
  } catch {
    return [];
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    removeEventListener("storage", listener);
  };
}

export interface Pinned {
  names: string[];
  has: (bucket: string) => boolean;
  toggle: (bucket: string) => void;
}

/** Returns the pinned buckets of whoever this session is: a role has other buckets than its user. */
export function usePinned(): Pinned {
  const { session } = useSession();
  const key = `regent-buckets:${session.arn}`;
  const text = useSyncExternalStore(
    subscribe,
    useCallback(() => read(key), [key]),
  );
  return useMemo(() => {
    const names = namesIn(text);
    return {
      names,
      has: (bucket) => names.includes(bucket),
      toggle: (bucket) => {
        const next = names.includes(bucket) ? names.filter((n) => n !== bucket) : [bucket, ...names].slice(0, most);
        localStorage.setItem(key, JSON.stringify(next));
        for (const listener of listeners) listener();
      },
    };
  }, [text, key]);
}
