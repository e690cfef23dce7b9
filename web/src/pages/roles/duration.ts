import { useMessages } from "@/messages";
import messages from "@/messages/en/roles";

/** Returns what says seconds as hours, where they are whole ones, or minutes. */
export function useDuration(): (seconds: number) => string {
  const m = useMessages(messages);
  return (seconds) =>
    seconds % 3600 === 0 ? m("hours", { hours: seconds / 3600 }) : m("minutes", { minutes: Math.round(seconds / 60) });
}
