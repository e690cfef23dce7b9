/** Whose credentials they are: a user's, or root's. */
import { useSession } from "@/aws";

export interface Holder {
  /** Undefined of root: calls about root's credentials name nobody. */
  userName: string | undefined;
  /** Whether it is who signed in. */
  own: boolean;
}

export const userHolder = (userName: string, own = false): Holder => ({ userName, own });

/** How the holder is called; enabling a device wants a name of root too, and takes "root". */
export const nameOf = ({ userName }: Holder) => userName ?? "root";

/** The key below which a holder's credentials are read: the same as of the user's own page. */
export const credentialsKey = ({ userName }: Holder) =>
  userName === undefined ? ["iam", "root"] : ["iam", "user", userName];

/** Returns who signed in, as long as the session is theirs and not a role's; undefined otherwise. */
export function useOwnHolder(): Holder | undefined {
  const { session } = useSession();
  if (session.kind === "root") return { userName: undefined, own: true };
  return session.kind === "user" ? userHolder(session.userName, true) : undefined;
}

/** Returns a user as a holder. */
export function useUserHolder(userName: string): Holder {
  const { session } = useSession();
  const own = session.kind === "user" && session.userName.toLowerCase() === userName.toLowerCase();
  return userHolder(userName, own);
}
