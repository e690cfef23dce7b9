import { useEffect } from "react";
import { reportActivity, SessionsError, type Session } from "@/aws/sessions";
import { listen, tell } from "./channel";
import { useExtend } from "./use-sessions";

/** Input is told to the server at most this often. */
const every = 60_000;

/**
 * Tells the server that somebody is there. What counts is input in any tab of this browser: a session that waits in a
 * second tab does not go idle while its user works in the first.
 */
export function useActivity(session: Session, ended: boolean): void {
  const extend = useExtend();
  const { id } = session;
  useEffect(() => {
    if (ended) return;
    let reported = -Infinity;
    let told = -Infinity;
    const report = () => {
      if (performance.now() - reported < every) return;
      reported = performance.now();
      reportActivity(id).then(
        (ends) => extend(id, ends),
        (error: unknown) => {
          // What is wrong with the session shows at its next call; a network that is away is asked again.
          if (!(error instanceof SessionsError)) reported = -Infinity;
        },
      );
    };
    const input = () => {
      if (performance.now() - told < 1000) return;
      told = performance.now();
      tell({ type: "activity", at: Date.now() });
      report();
    };
    const events = ["pointerdown", "keydown", "wheel", "touchmove"] as const;
    for (const event of events) addEventListener(event, input, { capture: true, passive: true });
    const stop = listen((message) => {
      if (message.type === "activity") report();
      if (message.type === "extended") reported = performance.now();
    });
    return () => {
      for (const event of events) removeEventListener(event, input, { capture: true });
      stop();
    };
  }, [id, ended, extend]);
}
