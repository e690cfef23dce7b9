import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { lazy, Suspense, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { useList, useRegent, useSession, type List } from "@/aws";
import { arnName } from "@/components/arn";
import { ArnLink } from "@/components/arn-link";
import { Empty } from "@/components/empty";
import { Loading, PanelState } from "@/components/panel-state";
import { ResourceTable } from "@/components/resource-table";
import { useMessages } from "@/messages";
import messages from "@/messages/en/graph";
import { badgesOf, graphOf, idOf, most, statusOf, type Path, type Status } from "./model";

const Drawing = lazy(() => import("./drawing"));

const asks = ["who", "become", "path"] as const;
type Ask = (typeof asks)[number];

const askTexts = { who: "askWho", become: "askBecome", path: "askPath" } as const;
const isRole = (arn: string) => /^arn:[^:]+:iam::\d{12}:role\/./.test(arn);
const isPrincipal = (arn: string) => /^arn:[^:]+:iam::\d{12}:(user|role)\/./.test(arn);

/** Asks who can become whom. The question is in the address, so that an answer can be linked to. */
export function Component() {
  const m = useMessages(messages);
  const { session } = useSession();
  const [search, setSearch] = useSearchParams();
  const asked = {
    ask: asks.find((a) => a === search.get("ask")) ?? "who",
    from: search.get("from") ?? "",
    to: search.get("to") ?? "",
  };
  const [ask, setAsk] = useState<Ask>(asked.ask);
  const [from, setFrom] = useState(asked.from || (session.kind === "user" ? session.arn : ""));
  const [to, setTo] = useState(asked.to);
  const [tried, setTried] = useState(false);
  const wantsRole = ask !== "become";
  const wantsPrincipal = ask !== "who";
  const wrongRole = wantsRole && !isRole(to.trim());
  const wrongPrincipal = wantsPrincipal && !isPrincipal(from.trim());
  const options = asks.map((value) => ({ value, label: m(askTexts[value]) }));
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={m("description")}>
          {m("title")}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Container>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              setTried(true);
              if (wrongRole || wrongPrincipal) return;
              setSearch({ ask, ...(wantsPrincipal && { from: from.trim() }), ...(wantsRole && { to: to.trim() }) });
            }}
          >
            <SpaceBetween size="m">
              <FormField label={m("ask")}>
                <Select
                  selectedOption={options.find((o) => o.value === ask) ?? null}
                  options={options}
                  onChange={({ detail }) => setAsk(asks.find((a) => a === detail.selectedOption.value) ?? "who")}
                />
              </FormField>
              {wantsPrincipal && (
                <FormField label={m("principal")} errorText={tried && wrongPrincipal ? m("principalWrong") : undefined}>
                  <Input value={from} spellcheck={false} onChange={({ detail }) => setFrom(detail.value)} />
                </FormField>
              )}
              {wantsRole && (
                <FormField label={m("role")} errorText={tried && wrongRole ? m("roleWrong") : undefined}>
                  <Input value={to} spellcheck={false} onChange={({ detail }) => setTo(detail.value)} />
                </FormField>
              )}
              <Button variant="primary" formAction="submit">
                {m("run")}
              </Button>
            </SpaceBetween>
          </form>
        </Container>
        {(asked.from !== "" || asked.to !== "") && (
          <Answers key={search.toString().replace(/&?tab=\w+/, "")} {...asked} />
        )}
      </SpaceBetween>
    </ContentLayout>
  );
}

function Answers({ ask, from, to }: { ask: Ask; from: string; to: string }) {
  const m = useMessages(messages);
  const regent = useRegent();
  const list = useList<Path>(["regent", "trust", ask, from, to], async (Marker) => {
    if (ask === "who") {
      const page = await regent.listTrustEdges({ RoleArn: to, Marker, MaxItems: 100 });
      return { items: page.Edges.map((edge) => ({ edges: [edge] })), next: page.Marker };
    }
    const page = await regent.findAccessPaths({ Principal: from, MaxDepth: 4, Marker, MaxItems: 100 });
    const paths = page.Paths.map((p) => ({ edges: p.Edges }));
    return {
      items: ask === "path" ? paths.filter((p) => p.edges.at(-1)?.RoleArn === to) : paths,
      next: page.Marker,
    };
  });
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
      {shown === "graph" ? <Drawn list={list} /> : <Listed list={list} />}
    </SpaceBetween>
  );
}

function Drawn({ list }: { list: List<Path> }) {
  const m = useMessages(messages);
  const graph = useMemo(() => graphOf(list.items), [list.items]);
  return (
    <PanelState
      reading={list}
      lines={10}
      isEmpty={(paths) => paths.length === 0}
      empty={<Empty title={m("emptyTitle")} text={m("emptyText")} />}
    >
      {() => (
        <SpaceBetween size="s">
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
        {
          id: "through",
          header: m("through"),
          value: (p) =>
            through(p)
              .map((a) => arnName(a))
              .join(", "),
        },
        {
          id: "to",
          header: m("to"),
          value: (p) => p.edges.at(-1)?.RoleArn ?? "",
          cell: (p) => <ArnLink arn={p.edges.at(-1)?.RoleArn} />,
        },
        {
          id: "status",
          header: m("status"),
          value: (p) => m(statusOf(p)),
          cell: (p) => <StatusText status={statusOf(p)} />,
        },
        { id: "needs", header: m("needs"), value: (p) => badgesOf(p.edges).join(", ") },
        { id: "blocked", header: m("blockedBy"), value: refuses },
        { id: "unknown", header: m("unknown"), value: unknown },
      ]}
    />
  );
}
