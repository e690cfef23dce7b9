/** Reads the answers to a question: edges, or paths of them. */
import { readAll, type Page } from "@/aws";
import type { ExplainDecisionResponse, RegentClient } from "@/aws/regent";
import { isRole, type Asked } from "./ask";
import { statusOf, type Edge, type Path } from "./model";

type Regent = Pick<RegentClient, "listTrustEdges" | "findAccessPaths" | "explainDecision">;

/** How many roles a path may go through. */
const deepest = 4;
/** How many decisions are asked for at a time. */
const atOnce = 6;

/** readerOf returns what reads the answers page by page. */
export function readerOf(regent: Regent, asked: Asked): (marker?: string) => Promise<Page<Path>> {
  const { ask, from, to, withoutMfa: WithoutMfa } = asked;
  if (ask === "who") {
    return async (Marker) => {
      const page = await regent.listTrustEdges({ RoleArn: to, WithoutMfa, Marker, MaxItems: 100 });
      return { items: page.Edges.map((edge) => ({ edges: [edge] })), next: page.Marker };
    };
  }
  const RoleArn = ask === "path" && isRole(to) ? to : undefined;
  const paths = async (MaxDepth: number, Marker?: string): Promise<Page<Path>> => {
    const asks = { Principal: from, RoleArn, MaxDepth, WithoutMfa, Marker, MaxItems: 100 };
    const page = await regent.findAccessPaths(asks);
    return { items: page.Paths.map((p) => ({ edges: p.Edges })), next: page.Marker };
  };
  if (ask === "become") return (marker) => paths(deepest, marker);
  const reach = RoleArn === undefined ? reacher(regent, asked) : undefined;
  if (!asked.all) return async () => ({ items: await shortest(paths, reach) });
  return async (marker) => {
    const page = await paths(deepest, marker);
    if (!reach) return page;
    return { ...page, items: await reach(marker === undefined ? [{ edges: [] }, ...page.items] : page.items) };
  };
}

/** shortest looks no deeper than where the first way is; what refuses everywhere is all that there is. */
async function shortest(
  paths: (depth: number, marker?: string) => Promise<Page<Path>>,
  reach: Reach | undefined,
): Promise<Path[]> {
  let refused: Path[] = [];
  for (let depth = reach ? 0 : 1; depth <= deepest; depth++) {
    const found = depth === 0 ? [{ edges: [] }] : await readAll((marker) => paths(depth, marker));
    const here = found.filter((p) => p.edges.length === depth);
    const ways = reach ? await reach(here) : here;
    const open = ways.filter((p) => statusOf(p) !== "BLOCKED");
    if (open.length > 0) return open;
    refused = [...refused, ...ways];
  }
  return refused;
}

/** Returns the paths whose last role reaches the resource, one edge longer. */
type Reach = (paths: Path[]) => Promise<Path[]>;

/** reacher asks what each role at the end of a path may do with the resource, once for each. */
function reacher(regent: Regent, asked: Asked): Reach {
  const known = new Map<string, Promise<Edge | undefined>>();
  const edgeOf = (principal: string) => {
    const edge = known.get(principal) ?? decide(regent, asked, principal);
    known.set(principal, edge);
    return edge;
  };
  return async (paths) => {
    const open = paths.filter((p) => statusOf(p) !== "BLOCKED");
    const out: Path[] = [];
    for (let i = 0; i < open.length; i += atOnce) {
      const some = open.slice(i, i + atOnce);
      const ends = await Promise.all(some.map((p) => edgeOf(p.edges.at(-1)?.RoleArn ?? asked.from)));
      some.forEach((p, n) => {
        const end = ends[n];
        if (end) out.push({ edges: [...p.edges, end] });
      });
    }
    return out;
  };
}

async function decide(regent: Regent, asked: Asked, principal: string): Promise<Edge | undefined> {
  const question = { Principal: principal, Action: asked.action, Resource: asked.to };
  const plain = edgeOfDecision(await regent.explainDecision(question), asked, principal);
  if (plain?.Status === "ALLOWED" || isRole(principal) || asked.withoutMfa) return plain;
  // A user may have a one-time code, which conditions may ask for; a role's session has none.
  const Context = [{ Key: "aws:MultiFactorAuthPresent", Values: ["true"] }];
  const withCode = edgeOfDecision(await regent.explainDecision({ ...question, Context }), asked, principal);
  if (withCode?.Status !== "ALLOWED") return plain ?? withCode;
  return { ...withCode, Conditions: [{ Key: "aws:MultiFactorAuthPresent", Value: "true" }] };
}

/** edgeOfDecision is undefined where the principal's own policies do not even allow it: nobody asks what else refuses. */
export function edgeOfDecision(x: ExplainDecisionResponse, asked: Asked, principal: string): Edge | undefined {
  const edge: Edge = {
    Principal: principal,
    PrincipalType: isRole(principal) ? "ROLE" : "USER",
    RoleArn: asked.to,
    Action: asked.action,
    Status: "ALLOWED",
    Conditions: [],
    Unknown: [],
  };
  if (x.Decision === "allowed") return edge;
  if (x.Decision === "unknown") {
    const hidden = x.Layers.filter((l) => !l.Visible).map((l) => l.Layer);
    const Unknown = (["principal", "resource", "organization"] as const).filter((u) => hidden.includes(u));
    return { ...edge, Status: "UNKNOWN", Unknown };
  }
  const granted = x.Layers.some((l) => (l.Layer === "identity" || l.Layer === "resource") && l.Outcome === "allowed");
  if (!granted) return undefined;
  const denies = x.Layers.find((l) => l.Outcome === "explicitDeny");
  const lacks = x.Layers.find((l) => l.Outcome === "implicitDeny" && l.Required);
  return { ...edge, Status: "BLOCKED", BlockedBy: (denies ?? lacks)?.Layer, Decision: x.Decision };
}
