/** The session that a page belongs to and its connection, for the components below. */
import { createContext, useContext } from "react";
import type { Connection } from "./connection";
import { RegentClient } from "./regent";
import type { Role, Session } from "./sessions";

export interface CurrentSession {
  session: Session;
  /** The session of the user or root who signed in: itself, unless it is a role's. */
  signedIn: Session;
  /** All sessions of this browser. */
  all: Session[];
  /** Roles last switched to, most recent first, and roles kept for good: both the signed-in user's. */
  history: Role[];
  pinned: Role[];
  region: string;
  connection: Connection;
}

export const SessionContext = createContext<CurrentSession | undefined>(undefined);

/** Returns the session that this page belongs to. */
export function useSession(): CurrentSession {
  const current = useContext(SessionContext);
  if (current === undefined) throw new Error("useSession outside of a session");
  return current;
}

export function useConnection(): Connection {
  return useSession().connection;
}

const regents = new WeakMap<Connection, RegentClient>();

/** Returns the current session's client of Regent's own service. */
export function useRegent(): RegentClient {
  const connection = useConnection();
  let client = regents.get(connection);
  if (client === undefined) regents.set(connection, (client = new RegentClient(connection)));
  return client;
}
