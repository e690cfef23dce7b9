import { arnPath, parseArn } from "@/components/arn";
import { path } from "@/components/links";
import type { Recent } from "@/components/recent";

/** Something that the palette leads to. */
export interface Target extends Recent {
  /** Elsewhere: another session, or no session yet. */
  href?: string;
}

type Kind = "kindArn" | "kindAccount" | "kindKey" | "kindRequest";

/** What a pasted ARN, account id, access key or request id leads to. */
export function pasted(query: string, account: string, kind: (key: Kind) => string): Target[] {
  const arn = parseArn(query);
  if (arn) {
    const to = arnPath(query);
    if (!to) return [];
    const elsewhere =
      arn.account !== "" && arn.account !== account && arn.account !== "aws" && arn.service !== "organizations";
    const at = `${to}${to.includes("?") ? "&" : "?"}account=${arn.account}`;
    return [{ text: query, kind: kind("kindArn"), to, href: elsewhere ? `/_regent/console${at}` : undefined }];
  }
  const digits = query.replace(/^(\d{4})-(\d{4})-(\d{4})$/, "$1$2$3");
  if (/^\d{12}$/.test(digits)) {
    return digits === account
      ? [{ text: digits, kind: kind("kindAccount"), to: "/iam" }]
      : [{ text: digits, kind: kind("kindAccount"), to: path`/org/accounts/${digits}` }];
  }
  if (/^AKIA[A-Z0-9]{12,}$/.test(query)) {
    return [{ text: query, kind: kind("kindKey"), to: path`/iam/access-keys/${query}` }];
  }
  // S3's have sixteen characters.
  if (/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(query) || /^[0-9A-Z]{16}$/.test(query)) {
    return [{ text: query, kind: kind("kindRequest"), to: path`/events/${query}/why` }];
  }
  return [];
}

/** Orders what matches: names that begin with it, then words that do, then the rest. */
export function ranked(targets: Target[], query: string): Target[] {
  const wanted = query.toLowerCase();
  const rank = (target: Target) => {
    const text = target.text.toLowerCase();
    if (text.startsWith(wanted)) return 0;
    if (text.split(/[\s/:._-]+/).some((word) => word.startsWith(wanted))) return 1;
    return text.includes(wanted) ? 2 : 3;
  };
  return targets
    .map((target) => ({ target, rank: rank(target) }))
    .filter((t) => t.rank < 3)
    .toSorted((a, b) => a.rank - b.rank || a.target.text.localeCompare(b.target.text))
    .map((t) => t.target);
}
