/** What was opened lately: names of things, so they go with the tab, and are shown to the identity that opened them. */

/** Something that was opened. */
export interface Recent {
  text: string;
  kind: string;
  /** Below the session. */
  to: string;
}

const key = "regent-console-recent";
const most = 8;

export function recentOf(arn: string): Recent[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(`${key} ${arn}`) ?? "[]");
    return Array.isArray(kept)
      ? kept.filter((t): t is Recent => [t?.to, t?.text, t?.kind].every((part) => typeof part === "string"))
      : [];
  } catch {
    return [];
  }
}

/** Puts something first. */
export function rememberRecent(arn: string, { text, kind, to }: Recent): void {
  const others = recentOf(arn).filter((t) => t.to !== to);
  sessionStorage.setItem(`${key} ${arn}`, JSON.stringify([{ text, kind, to }, ...others].slice(0, most)));
}
