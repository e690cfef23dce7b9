/** What the tabs of this browser tell each other. */
export type Message =
  /** There was user input. */
  | { type: "activity"; at: number }
  /** The ends of a session, as the server says after activity. */
  | { type: "extended"; session: string; idleExpiresAt: string; expiresAt: string }
  /** Somebody signed in, switched or signed out: the sessions are others. */
  | { type: "sessions" };

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("regent-console") : undefined;

export function tell(message: Message): void {
  channel?.postMessage(message);
}

export function listen(heard: (message: Message) => void): () => void {
  const listener = (event: MessageEvent<Message>) => heard(event.data);
  channel?.addEventListener("message", listener);
  return () => channel?.removeEventListener("message", listener);
}
