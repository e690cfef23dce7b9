import { useEffect, useState } from "react";
import { now } from "@/aws";
import type { Session } from "@/aws/sessions";

/** When a session ends, if nothing is done: the earlier of its end and that of idleness. */
export function endOf(session: Session): number {
  const ends = [session.expiresAt, session.idleExpiresAt].map(Date.parse).filter((t) => !Number.isNaN(t));
  return Math.min(...ends, Infinity);
}

/** Whether doing something puts the end off: it is idleness that ends the session first. */
export function canStay(session: Session): boolean {
  const idle = Date.parse(session.idleExpiresAt);
  return !Number.isNaN(idle) && idle < Date.parse(session.expiresAt);
}

/**
 * Returns whether a session's time is up. The server is asked before that is said: another tab may have put the end
 * off while this one slept.
 */
export function useEnd(session: Session, reload: () => Promise<unknown>): boolean {
  const end = endOf(session);
  const [upAt, setUpAt] = useState<number>();
  useEffect(() => {
    if (end === Infinity) return;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    const wait = () => {
      // Long timeouts sleep with the machine, and more than 24.8 days are none.
      const left = end - now();
      timer = left > 0 ? setTimeout(wait, Math.min(left, 60_000)) : setTimeout(up, 0);
    };
    const up = () => {
      void reload().finally(() => {
        if (!stopped) setUpAt(end);
      });
    };
    wait();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [end, reload]);
  return upAt === end;
}
