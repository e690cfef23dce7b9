/** Answers about trust as rows and as a graph. */
import type { TrustEdge } from "@/aws/regent";
import { arnName, parseArn } from "@/components/arn";

/** One answer: an edge, or a path of them from somebody to a role. */
export interface Path {
  edges: TrustEdge[];
}

export type Status = TrustEdge["Status"];

/** A path is as good as its worst edge. */
export function statusOf({ edges }: Path): Status {
  if (edges.some((e) => e.Status === "BLOCKED")) return "BLOCKED";
  return edges.some((e) => e.Status === "UNKNOWN") ? "UNKNOWN" : "ALLOWED";
}

export const idOf = ({ edges }: Path) =>
  edges.map((e) => `${e.Principal} ${e.Through ?? ""} ${e.RoleArn} ${e.Action}`).join(" ");

/** What a request must have, in a word or two. */
export function badgesOf(edges: TrustEdge[]): string[] {
  const words: Record<string, string> = {
    "aws:multifactorauthpresent": "MFA",
    "aws:multifactorauthage": "MFA",
    "sts:externalid": "ExternalId",
    "aws:sourceip": "IP",
  };
  const all = edges.flatMap((e) => (e.Conditions ?? []).map((c) => words[c.Key.toLowerCase()] ?? c.Key));
  return [...new Set(all)];
}

export interface Thing {
  id: string;
  kind: TrustEdge["PrincipalType"];
  /** The ARN, where it stands for one thing. */
  arn: string;
  label: string;
  /** The account that it is framed by, or "". */
  account: string;
  /** How many it stands for. */
  count: number;
}

export interface Connection {
  id: string;
  from: string;
  to: string;
  status: Status;
  badges: string[];
}

export interface Graph {
  things: Thing[];
  connections: Connection[];
  /** Whether things of one kind and account are drawn as one. */
  grouped: boolean;
  /** How many things are left out. */
  cut: number;
}

export const most = 200;

/** graphOf draws at most 200 things: of more, those that assume and are not assumed are grouped, and the rest is cut. */
export function graphOf(paths: Path[], limit = most): Graph {
  const edges = [...new Map(paths.flatMap((p) => p.edges.map((e) => [idOf({ edges: [e] }), e] as const))).values()];
  const roles = new Set(edges.map((e) => e.RoleArn));
  const single = (e: TrustEdge): Thing => thing(e.Principal, e.PrincipalType);
  const count = new Set([...roles, ...edges.map((e) => single(e).id)]).size;
  const grouped = count > limit;
  const source = (e: TrustEdge): Thing => {
    const one = single(e);
    if (!grouped || roles.has(e.Principal)) return one;
    return { ...one, id: `${one.kind} ${one.account}`, arn: "", label: "" };
  };
  const members = new Map<string, Set<string>>();
  const things = new Map<string, Thing>();
  for (const e of edges) {
    const from = source(e);
    things.set(from.id, from);
    const to = thing(e.RoleArn, "ROLE");
    things.set(to.id, to);
    members.set(from.id, (members.get(from.id) ?? new Set()).add(e.Principal));
  }
  // Who is drawn is what most of the answer hangs on: roles first.
  const ordered = [...things.values()].toSorted((a, b) => Number(roles.has(b.id)) - Number(roles.has(a.id)));
  const drawn = ordered
    .slice(0, limit)
    .map((t) => ({ ...t, count: t.arn === "" ? (members.get(t.id)?.size ?? 1) : 1 }));
  const there = new Set(drawn.map((t) => t.id));
  const connections = new Map<string, Connection>();
  for (const e of edges) {
    const from = source(e).id;
    if (!there.has(from) || !there.has(e.RoleArn)) continue;
    const badges = badgesOf([e]);
    const id = `${from} ${e.RoleArn} ${e.Status} ${badges.join()}`;
    connections.set(id, { id, from, to: e.RoleArn, status: e.Status, badges });
  }
  return { things: drawn, connections: [...connections.values()], grouped, cut: ordered.length - drawn.length };
}

function thing(principal: string, kind: Thing["kind"]): Thing {
  const arn = parseArn(principal);
  const account = arn?.account ?? (/^\d{12}$/.test(principal) ? principal : "");
  return { id: principal, kind, arn: principal, label: arn ? arnName(principal) : principal, account, count: 1 };
}
