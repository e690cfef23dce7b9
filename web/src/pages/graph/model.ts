/** Answers about trust as rows and as a graph. */
import type { TrustEdge } from "@/aws/regent";
import { arnName, parseArn } from "@/components/arn";
import { isRole } from "./ask";

/** An edge to a role or, as the last of a path, to a resource: RoleArn is its ARN then. */
export type Edge = Omit<TrustEdge, "Unknown"> & { Unknown: (TrustEdge["Unknown"][number] | "resource")[] };

/** One answer: an edge, or a path of them from somebody to a role. */
export interface Path {
  edges: Edge[];
}

export type Status = Edge["Status"];

/** A path is as good as its worst edge. */
export function statusOf({ edges }: Path): Status {
  if (edges.some((e) => e.Status === "BLOCKED")) return "BLOCKED";
  return edges.some((e) => e.Status === "UNKNOWN") ? "UNKNOWN" : "ALLOWED";
}

export const idOf = ({ edges }: Path) =>
  edges.map((e) => `${e.Principal} ${e.Through ?? ""} ${e.RoleArn} ${e.Action}`).join(" ");

/** What a request must have, in a word or two. */
export function badgesOf(edges: Edge[]): string[] {
  const words: Record<string, string> = {
    "aws:multifactorauthpresent": "MFA",
    "aws:multifactorauthage": "MFA",
    "sts:externalid": "ExternalId",
    "aws:sourceip": "IP",
  };
  const all = edges.flatMap((e) => (e.Conditions ?? []).map((c) => words[c.Key.toLowerCase()] ?? c.Key));
  return [...new Set(all)];
}

/** The groups by whose policies a user comes to a role. */
export const groupsOf = (e: Edge) => (e.GrantedBy ?? []).filter((arn) => arn !== e.Principal);

export type Kind = TrustEdge["PrincipalType"] | "GROUP" | "RESOURCE";

export interface Thing {
  id: string;
  kind: Kind;
  /** The ARN, where it stands for one thing. */
  arn: string;
  label: string;
  /** The account that it is framed by, or "". */
  account: string;
  /** How many it stands for. */
  count: number;
  /** Nothing leads from it or to it that is not refused. */
  dim: boolean;
}

/** What somebody does by a connection: become a role, be in a group, or reach a resource. */
type Act = "assume" | "member" | "reach";

/** Why a connection is as it is: what a request needs, or what refuses it. */
export type Term = { needs: string[] } | { refusedBy: NonNullable<Edge["BlockedBy"]> };

export interface Connection {
  id: string;
  from: string;
  to: string;
  act: Act;
  /** Of a resource: what is done with it. */
  action: string;
  /** The best of what it stands for. */
  status: Status;
  terms: Term[];
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

interface Link {
  from: Thing;
  to: Thing;
  act: Act;
  edge: Edge;
}

/** What is drawn as one when there is too much: each adds to those before it. */
const folds: ((t: Thing, assumed: Set<string>, assuming: Set<string>) => boolean)[] = [
  (t, assumed) => t.kind !== "GROUP" && !assumed.has(t.id),
  (t, _, assuming) => t.kind === "ROLE" && !assuming.has(t.id),
  () => true,
];

/**
 * graphOf draws at most 200 things. Of more, those of one kind and account are drawn as one: who assumes and is not
 * assumed, if that is not enough roles that lead nowhere too, then whatever there is; what is still too much is cut.
 * What is asked about stays what it is.
 */
export function graphOf(paths: Path[], asked: string[] = [], limit = most): Graph {
  const edges = new Map(paths.flatMap((p) => p.edges.map((e) => [idOf({ edges: [e] }), e] as const)));
  const links = [...edges.values()].flatMap(linksOf);
  const all = new Map(links.flatMap((l) => [l.from, l.to]).map((t) => [t.id, t]));
  const assumed = new Set(links.filter((l) => l.act !== "member").map((l) => l.to.id));
  const assuming = new Set(links.map((l) => l.from.id));
  let place = (t: Thing) => t;
  let used = 0;
  for (let count = all.size; count > limit && used < folds.length; used++) {
    const some = folds.slice(0, used + 1);
    place = (t) => {
      if (asked.includes(t.id) || !some.some((fold) => fold(t, assumed, assuming))) return t;
      return { ...t, id: `${t.kind} ${t.account}`, arn: "", label: "" };
    };
    count = new Set([...all.values()].map((t) => place(t).id)).size;
  }
  const members = new Map<string, Set<string>>();
  const placed = new Map<string, Thing>();
  for (const t of all.values()) {
    const at = place(t);
    placed.set(at.id, at);
    members.set(at.id, (members.get(at.id) ?? new Set()).add(t.id));
  }
  // Who is drawn is what most of the answer hangs on: what is asked about, then roles.
  const rank = (t: Thing) => (asked.includes(t.id) ? 0 : assumed.has(t.id) || t.kind === "ROLE" ? 1 : 2);
  const ordered = [...placed.values()].toSorted((a, b) => rank(a) - rank(b));
  const kept = new Map(ordered.slice(0, limit).map((t) => [t.id, t]));
  const connections = connectionsOf(links, place, kept);
  const lit = new Set(connections.filter((c) => c.status !== "BLOCKED").flatMap((c) => [c.from, c.to]));
  const things = [...kept.values()].map((t) => ({
    ...t,
    count: members.get(t.id)?.size ?? 1,
    dim: !lit.has(t.id),
  }));
  return { things, connections, grouped: used > 0, cut: ordered.length - kept.size };
}

/** A user who comes to a role by groups does so through them. */
function linksOf(edge: Edge): Link[] {
  const from = thing(edge.Principal, edge.PrincipalType);
  const to = thing(edge.RoleArn, isRole(edge.RoleArn) ? "ROLE" : "RESOURCE");
  const act = to.kind === "ROLE" ? "assume" : "reach";
  const groups = groupsOf(edge).map((arn) => thing(arn, "GROUP"));
  const links = groups.flatMap((group): Link[] => [
    { from, to: group, act: "member", edge },
    { from: group, to, act, edge },
  ]);
  if (groups.length === 0 || edge.GrantedBy?.includes(edge.Principal)) links.push({ from, to, act, edge });
  return links;
}

const ranks = { ALLOWED: 0, UNKNOWN: 1, BLOCKED: 2 };

function connectionsOf(links: Link[], place: (t: Thing) => Thing, kept: Map<string, Thing>): Connection[] {
  const connections = new Map<string, Connection>();
  for (const { from, to, act, edge } of links) {
    const [a, b] = [place(from).id, place(to).id];
    if (a === b || !kept.has(a) || !kept.has(b)) continue;
    const id = `${a} ${b} ${act}`;
    const before = connections.get(id);
    const status = before && ranks[before.status] < ranks[edge.Status] ? before.status : edge.Status;
    const terms = before?.terms ?? [];
    const term = act === "member" ? undefined : termOf(edge);
    if (term && !terms.some((t) => JSON.stringify(t) === JSON.stringify(term))) terms.push(term);
    connections.set(id, { id, from: a, to: b, act, action: act === "reach" ? edge.Action : "", status, terms });
  }
  return [...connections.values()];
}

function termOf(edge: Edge): Term | undefined {
  if (edge.Status === "BLOCKED") return edge.BlockedBy && { refusedBy: edge.BlockedBy };
  return { needs: badgesOf([edge]) };
}

function thing(principal: string, kind: Kind): Thing {
  const arn = parseArn(principal);
  const account = arn?.account ?? (/^\d{12}$/.test(principal) ? principal : "");
  const label = arn ? arnName(principal) : principal;
  return { id: principal, kind, arn: principal, label, account, count: 1, dim: false };
}
