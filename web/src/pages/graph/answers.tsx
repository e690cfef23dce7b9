import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { lazy, Suspense, useMemo } from "react";
import { useSearchParams } from "react-router";
import { useList, useRegent, type List } from "@/aws";
import { arnName } from "@/components/arn";
import { ArnLink } from "@/components/arn-link";
import { Empty } from "@/components/empty";
import { Loading, PanelState } from "@/components/panel-state";
import { ResourceTable } from "@/components/resource-table";
import { useMessages } from "@/messages";
import messages from "@/messages/en/graph";
import { searchOf, type Asked } from "./ask";
import { badgesOf, graphOf, groupsOf, idOf, most, statusOf, type Path, type Status } from "./model";
import { readerOf } from "./read";

const Drawing = lazy(() => import("./drawing"));

/** The answers to a question, as a graph or as a list. */
export function Answers({ asked }: { asked: Asked }) {
  const m = useMessages(messages);
  const regent = useRegent();
  const list = useList<Path>(["regent", "trust", searchOf(asked).toString()], readerOf(regent, asked));
  const [search, setSearch] = useSearchParams();
  const shown = search.get("tab") === "list" ? "list" : "graph";
  return (
    <SpaceBetween size="m">
      <SegmentedControl
        label={m("show")}
        selectedId={shown}
        onChange={({ detail }) => {
          const next = new URLSearchParams(search);
          next.set("tab", detail.selectedId);
          setSearch(next, { replace: true });
        }}
        options={[
          { id: "graph", text: m("asGraph") },
          { id: "list", text: m("asList") },
        ]}
      />
      {shown === "graph" ? <Drawn list={list} asked={asked} /> : <Listed list={list} />}
    </SpaceBetween>
  );
}

function Drawn({ list, asked: { from, to } }: { list: List<Path>; asked: Asked }) {
  const m = useMessages(messages);
  const graph = useMemo(() => graphOf(list.items, [from, to]), [list.items, from, to]);
  return (
    <PanelState
      reading={list}
      lines={10}
      isEmpty={(paths) => paths.length === 0}
      empty={<Empty title={m("emptyTitle")} text={m("emptyText")} />}
    >
      {() => (
        <SpaceBetween size="s">
          {list.more && (
            <Alert
              action={
                <Button formAction="none" loading={list.readingMore} onClick={list.readMore}>
                  {m("partlyMore")}
                </Button>
              }
            >
              {m("partly")}
            </Alert>
          )}
          {graph.grouped && <Alert>{m("grouped", { most })}</Alert>}
          {graph.cut > 0 && <Alert type="warning">{m("cut", { count: graph.cut })}</Alert>}
          <Suspense fallback={<Loading lines={10} />}>
            <Drawing graph={graph} />
          </Suspense>
        </SpaceBetween>
      )}
    </PanelState>
  );
}

const statuses = { ALLOWED: "success", BLOCKED: "error", UNKNOWN: "info" } as const;

function StatusText({ status }: { status: Status }) {
  const m = useMessages(messages);
  return <StatusIndicator type={statuses[status]}>{m(status)}</StatusIndicator>;
}

function Listed({ list }: { list: List<Path> }) {
  const m = useMessages(messages);
  const through = (p: Path) =>
    [p.edges[0]?.Through, ...p.edges.slice(1).map((e) => e.Principal)].filter((a) => a !== undefined);
  const refuses = (p: Path) => p.edges.flatMap((e) => (e.BlockedBy ? [m(`layer_${e.BlockedBy}`)] : [])).join(", ");
  const unknown = (p: Path) =>
    [...new Set(p.edges.flatMap((e) => (e.Unknown ?? []).map((u) => m(`unknown_${u}`))))].join(", ");
  return (
    <ResourceTable
      name="trust"
      title={m("rows")}
      list={list}
      rowId={idOf}
      empty={<Empty title={m("emptyTitle")} text={m("emptyText")} />}
      columns={[
        {
          id: "from",
          header: m("from"),
          value: (p) => p.edges[0]?.Principal ?? "",
          cell: (p) => <ArnLink arn={p.edges[0]?.Principal} />,
        },
        { id: "group", header: m("group"), value: (p) => p.edges.flatMap(groupsOf).map((a) => arnName(a)) },
        { id: "through", header: m("through"), value: (p) => through(p).map((a) => arnName(a)) },
        {
          id: "to",
          header: m("to"),
          value: (p) => p.edges.at(-1)?.RoleArn ?? "",
          cell: (p) => <ArnLink arn={p.edges.at(-1)?.RoleArn} />,
        },
        { id: "action", header: m("action_column"), value: (p) => p.edges.at(-1)?.Action, hidden: true },
        {
          id: "status",
          header: m("status"),
          value: (p) => m(statusOf(p)),
          cell: (p) => <StatusText status={statusOf(p)} />,
        },
        { id: "needs", header: m("needs"), value: (p) => badgesOf(p.edges) },
        { id: "blocked", header: m("blockedBy"), value: refuses },
        { id: "unknown", header: m("unknown"), value: unknown },
      ]}
    />
  );
}
