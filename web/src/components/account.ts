/** Accounts and sessions in words. */
import type { Session } from "@/aws";

/** 111122223333 as it is read: 1111-2222-3333. */
export function accountDigits(id: string): string {
  return /^\d{12}$/.test(id) ? `${id.slice(0, 4)}-${id.slice(4, 8)}-${id.slice(8)}` : id;
}

/** The name by which a session is spoken of: its display name, or who signed in. */
export function sessionName(session: Session): string {
  if (session.kind === "role") return session.displayName || session.roleName;
  if (session.kind === "federated") return session.displayName;
  return session.kind === "root" ? "root" : session.userName;
}

/** The account's id, always, with its alias or name where there is one: a display name may say anything (TH-87). */
export function accountLabel(account: { accountId: string; accountAlias: string; accountName?: string }): string {
  const name = account.accountAlias || account.accountName || "";
  return name === "" ? accountDigits(account.accountId) : `${name} (${accountDigits(account.accountId)})`;
}
