/** Where the palette led lately: names of things, so they go with the tab. */
import type { Target } from "./targets";

const key = "regent-console-recent";
const most = 6;

export function recentPaths(): Target[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(kept)
      ? kept.filter((t): t is Target => typeof t?.to === "string" && typeof t.text === "string")
      : [];
  } catch {
    return [];
  }
}

export function rememberPath({ text, kind, to }: Target): void {
  const others = recentPaths().filter((t) => t.to !== to);
  sessionStorage.setItem(key, JSON.stringify([{ text, kind, to }, ...others].slice(0, most)));
}
