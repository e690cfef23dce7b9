/** What is asked of the trust graph, and how the address says it. */

export const asks = ["who", "become", "path"] as const;
export type Ask = (typeof asks)[number];

export interface Asked {
  ask: Ask;
  /** The ARN of a user or role, or "". */
  from: string;
  /** The ARN of a role or, of a path, of any resource; or "". */
  to: string;
  /** What is done with a resource that is no role. */
  action: string;
  /** All ways, or only the shortest. */
  all: boolean;
  withoutMfa: boolean;
}

export const isRole = (arn: string) => /^arn:[^:]+:iam::\d{12}:role\/./.test(arn);
export const isPrincipal = (arn: string) => /^arn:[^:]+:iam::\d{12}:(user|role)\/./.test(arn);
export const isAction = (text: string) => /^[A-Za-z0-9-]+:[A-Za-z0-9]+$/.test(text);

export function askedOf(search: URLSearchParams): Asked {
  return {
    ask: asks.find((a) => a === search.get("ask")) ?? "who",
    from: search.get("from") ?? "",
    to: search.get("to") ?? "",
    action: search.get("action") ?? "",
    all: search.get("ways") === "all",
    withoutMfa: search.has("nomfa"),
  };
}

/** searchOf leaves out what the question is not about. */
export function searchOf({ ask, from, to, action, all, withoutMfa }: Asked): URLSearchParams {
  const search = new URLSearchParams({ ask });
  if (ask !== "who") search.set("from", from);
  if (ask !== "become") search.set("to", to);
  if (ask === "path" && !isRole(to)) search.set("action", action);
  if (ask === "path" && all) search.set("ways", "all");
  if (withoutMfa) search.set("nomfa", "");
  return search;
}
