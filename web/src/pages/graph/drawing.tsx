import "@xyflow/react/dist/style.css";
import "./graph.css";
import Box from "@cloudscape-design/components/box";
import { useQuery } from "@tanstack/react-query";
import {
  Controls,
  Handle,
  MarkerType,
  Position,
  ReactFlow,
  useReactFlow,
  useStore,
  type Edge,
  type Node,
} from "@xyflow/react";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { problemOf } from "@/aws";
import { accountDigits } from "@/components/account";
import { ArnLink } from "@/components/arn-link";
import { ErrorPanel } from "@/components/error-panel";
import { Loading } from "@/components/panel-state";
import { useNarrow } from "@/components/use-narrow";
import { useMessages } from "@/messages";
import messages from "@/messages/en/graph";
import { frameId, layout, type Direction } from "./layout";
import type { Connection, Graph, Thing } from "./model";

/** The graph drawn. Whatever it says the list says too. */
export default function Drawing({ graph }: { graph: Graph }) {
  const m = useMessages(messages);
  const dark = useDark();
  const direction: Direction = useNarrow() ? "DOWN" : "RIGHT";
  const key = graph.connections.map((c) => c.id).join("\n") + graph.things.map((t) => t.id).join("\n");
  const places = useQuery({
    queryKey: ["graph layout", direction, key],
    queryFn: () => layout(graph, direction),
    staleTime: Infinity,
    gcTime: 0,
  });
  const label = useLabel();
  const [nodes, edges] = useMemo(
    () => (places.data ? [nodesOf(graph, direction, places.data), edgesOf(graph, label)] : [[], []]),
    // What a connection is called depends on nothing that changes.
    // oxlint-disable-next-line react/exhaustive-deps
    [graph, places.data],
  );
  if (places.error) return <ErrorPanel problem={problemOf(places.error)} />;
  if (!places.data) return <Loading lines={10} />;
  const name = m("drawing", { nodes: graph.things.length, edges: graph.connections.length });
  // A small graph needs no high window.
  const bottom = Math.max(...[...places.data.values()].map((box) => box.y + box.height));
  return (
    <div className="trust-graph" role="region" aria-label={name} style={{ blockSize: `max(260px, ${bottom + 100}px)` }}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={types}
        colorMode={dark ? "dark" : "light"}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        minZoom={0.05}
        onlyRenderVisibleElements={graph.things.length > 50}
        fitView
        fitViewOptions={fit}
        proOptions={{ hideAttribution: true }}
      >
        <Controls showInteractive={false} />
        <Refit />
      </ReactFlow>
    </div>
  );
}

/** Shows all of the graph again when there is more or less room for it. */
function Refit() {
  const width = useStore((state) => state.width);
  const { fitView } = useReactFlow();
  useEffect(() => void fitView(fit), [width, fitView]);
  return null;
}

type FrameNode = Node<{ account: string }, "frame">;
type ThingNode = Node<{ thing: Thing; direction: Direction }, "thing">;

function Frame({ data }: { data: { account: string } }) {
  const m = useMessages(messages);
  return (
    <div className="trust-frame">
      {data.account === "" ? m("elsewhere") : m("account", { account: accountDigits(data.account) })}
    </div>
  );
}

function ThingBox({ data: { thing: t, direction } }: { data: ThingNode["data"] }) {
  const m = useMessages(messages);
  const kind = m(`kind_${t.kind}`);
  return (
    <div className={t.dim ? "trust-thing trust-dim nopan" : "trust-thing nopan"}>
      <Handle type="target" position={direction === "DOWN" ? Position.Top : Position.Left} isConnectable={false} />
      <Box fontSize="body-s" color="text-body-secondary">
        {t.dim ? m("refusedKind", { kind }) : kind}
      </Box>
      <div className="trust-name" title={t.arn || undefined}>
        {t.arn === "" ? m(`fold_${t.kind}`, { count: t.count }) : <Name thing={t} />}
      </div>
      <Handle type="source" position={direction === "DOWN" ? Position.Bottom : Position.Right} isConnectable={false} />
    </div>
  );
}

function Name({ thing: t }: { thing: Thing }) {
  const m = useMessages(messages);
  if (t.kind === "EVERYONE") return <>{m("everyone")}</>;
  if (t.kind === "ACCOUNT") return <>{m("somebodyOf", { account: accountDigits(t.account) })}</>;
  return <ArnLink arn={t.arn} text={t.label} />;
}

/** Nothing is drawn larger than the text around it. */
const fit = { maxZoom: 1 };

const types = { frame: Frame, thing: ThingBox };

function nodesOf(graph: Graph, direction: Direction, places: Awaited<ReturnType<typeof layout>>): Node[] {
  const at = (id: string) => {
    const { x, y, width, height } = places.get(id) ?? { x: 0, y: 0, width: 0, height: 0 };
    return { position: { x, y }, width, height };
  };
  const accounts = [...new Set(graph.things.map((t) => t.account))];
  return [
    ...accounts.map((account): FrameNode => {
      const id = frameId(account);
      return { id, type: "frame", data: { account }, ...at(id) };
    }),
    ...graph.things.map((t): ThingNode => {
      return { id: t.id, type: "thing", parentId: frameId(t.account), data: { thing: t, direction }, ...at(t.id) };
    }),
  ];
}

/** Returns what says in a few words what a connection is, what it needs and what refuses it. */
function useLabel(): (c: Connection) => string {
  const m = useMessages(messages);
  return ({ act, action, terms }) => {
    if (act === "member") return m("member");
    const words = terms.map((t) => {
      if ("refusedBy" in t) return m("refusedBy", { layer: m(`short_${t.refusedBy}`) });
      return t.needs.join(", ");
    });
    const only = words.length === 1;
    const said = words
      .map((w) => (w === "" && !only ? m("needsNothing") : w))
      .reduce((one, other) => (one === "" ? other : m("eitherOr", { one, other })), "");
    return [action, said].filter((text) => text !== "").join(": ");
  };
}

/** What is refused is dim and dashed, what is not to be told dashed: never told by colour alone. */
function edgesOf(graph: Graph, label: (c: Connection) => string): Edge[] {
  return graph.connections.map((c) => ({
    id: c.id,
    source: c.from,
    target: c.to,
    label: label(c) || undefined,
    className: `trust-${c.status.toLowerCase()} trust-${c.act}`,
    markerEnd: c.act === "member" ? undefined : { type: MarkerType.ArrowClosed },
  }));
}

/** Cloudscape says on the body whether it is dark. */
function useDark(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const observer = new MutationObserver(changed);
      observer.observe(document.body, { attributeFilter: ["class"] });
      return () => observer.disconnect();
    },
    () => document.body.classList.contains("awsui-dark-mode"),
  );
}
