/** The session that this tab last showed, so that an address without one, or one that has ended, leads back to it. */
const key = "regent-console-last";

export interface Last {
  id: string;
  arn: string;
  account: string;
}

export function lastUsed(): Last | undefined {
  try {
    const last = JSON.parse(sessionStorage.getItem(key) ?? "null");
    return typeof last?.id === "string" && typeof last.arn === "string" ? last : undefined;
  } catch {
    return undefined;
  }
}

export function remember(last: Last): void {
  sessionStorage.setItem(key, JSON.stringify(last));
}
