/** Places of a graph's things, worked out by ELK in a worker. */
import ELK from "elkjs/lib/elk-api";
import type { Graph } from "./model";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const size = { width: 220, height: 64 };

/** Which way one goes from who assumes to what is assumed. */
export type Direction = "RIGHT" | "DOWN";

const options = (direction: Direction) => ({
  "elk.algorithm": "layered",
  "elk.direction": direction,
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.layered.spacing.nodeNodeBetweenLayers": direction === "RIGHT" ? "120" : "64",
  "elk.spacing.nodeNode": "24",
});

/** The frame of an account has an id that no ARN is. */
export const frameId = (account: string) => `account ${account}`;

/** layout returns the place of each thing and frame; a thing's is within its frame. */
export async function layout(graph: Graph, direction: Direction): Promise<Map<string, Box>> {
  const elk = new ELK({
    workerFactory: () => new Worker(new URL("elkjs/lib/elk-worker.min.js", import.meta.url)),
  });
  try {
    const all = options(direction);
    const frame = { ...all, "elk.padding": "[top=44,left=20,bottom=20,right=20]" };
    const accounts = [...new Set(graph.things.map((t) => t.account))];
    const root = await elk.layout({
      id: "root",
      layoutOptions: all,
      children: accounts.map((account) => ({
        id: frameId(account),
        layoutOptions: frame,
        children: graph.things.filter((t) => t.account === account).map((t) => ({ id: t.id, ...size })),
      })),
      edges: graph.connections.map((c) => ({ id: c.id, sources: [c.from], targets: [c.to] })),
    });
    const places = new Map<string, Box>();
    for (const f of root.children ?? []) {
      for (const n of [f, ...(f.children ?? [])]) {
        places.set(n.id, { x: n.x ?? 0, y: n.y ?? 0, width: n.width ?? 0, height: n.height ?? 0 });
      }
    }
    return places;
  } finally {
    elk.terminateWorker();
  }
}
