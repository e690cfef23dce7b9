/** Who can really assume a role, and what its sessions can become: decided by the server. */
import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useList, useRegent } from "@/aws";
import type { TrustEdge } from "@/aws/regent";
import { accountDigits } from "@/components/account";
import { ArnLink } from "@/components/arn-link";
import { arnName } from "@/components/arn";
import { Empty } from "@/components/empty";
import { ResourceTable } from "@/components/resource-table";
import { useLocale, useMessages } from "@/messages";
import messages from "@/messages/en/roles";

const statuses = { ALLOWED: "success", BLOCKED: "stopped", UNKNOWN: "pending" } as const;

export function TrustEdges({ arn }: { arn: string }) {
  const m = useMessages(messages);
  const regent = useRegent();
  const edges = useList(["regent", "edges", arn], async (Marker) => {
    const page = await regent.listTrustEdges({ RoleArn: arn, Marker, MaxItems: 100 });
    return { items: page.Edges, next: page.Marker };
  });
  const says = useEdgeWords();
  return (
    <ResourceTable<TrustEdge>
      name="trust-edges"
      prefix="e."
      title={m("edgesTitle")}
      description={m("edgesText")}
      list={edges}
      rowId={(e) => `${e.Principal} ${e.Through ?? ""} ${e.Action}`}
      columns={[
        {
          id: "who",
          header: m("principal"),
          value: (e) => says.principal(e),
          cell: (e) => <Principal edge={e} />,
          minWidth: 200,
        },
        { id: "type", header: m("typeColumn"), value: (e) => m(`type_${e.PrincipalType}`) },
        {
          id: "can",
          header: m("result"),
          value: (e) => says.result(e),
          cell: (e) => <Result edge={e} />,
          minWidth: 240,
        },
        {
          id: "needs",
          header: m("needs"),
          value: (e) => e.Conditions.map((c) => `${c.Key}=${c.Value}`),
          cell: (e) => <Conditions edge={e} />,
          minWidth: 180,
        },
        { id: "through", header: m("through"), value: (e) => says.through(e) },
      ]}
      empty={<Empty title={m("edgesEmpty")} text={m("edgesEmptyText")} />}
    />
  );
}

/** Returns what says an edge in words. */
function useEdgeWords() {
  const m = useMessages(messages);
  const and = new Intl.ListFormat(useLocale(), { type: "conjunction" });
  const reasons = (e: TrustEdge) => {
    const parts: string[] = [];
    if (e.BlockedBy) parts.push(m("edgeBlocked", { layer: m(`layer_${e.BlockedBy}`) }));
    if (e.Unknown.length > 0) {
      parts.push(m("edgeUnknown", { what: and.format(e.Unknown.map((u) => m(`unknown_${u}`))) }));
    }
    if (e.AskAccount) parts.push(m("edgeAsk", { account: accountDigits(e.AskAccount) }));
    return parts;
  };
  return {
    reasons,
    principal: (e: TrustEdge) => {
      if (e.PrincipalType === "EVERYONE") return m("everyone");
      if (e.PrincipalType === "ACCOUNT") return m("someoneOf", { account: accountDigits(accountIn(e.Principal)) });
      return e.Principal;
    },
    result: (e: TrustEdge) => [m(`edge_${e.Status}`), ...reasons(e)].join(", "),
    through: (e: TrustEdge) =>
      e.Through === undefined || e.Through === ""
        ? ""
        : m("throughAccount", { account: accountDigits(accountIn(e.Through)) }),
  };
}

const accountIn = (text: string) => /\d{12}/.exec(text)?.[0] ?? text;

function Result({ edge }: { edge: TrustEdge }) {
  const m = useMessages(messages);
  const says = useEdgeWords();
  return (
    <div className="wrap">
      <StatusIndicator type={statuses[edge.Status]}>{m(`edge_${edge.Status}`)}</StatusIndicator>
      {says.reasons(edge).map((reason) => (
        <Box key={reason} fontSize="body-s" color="text-body-secondary">
          {reason}
        </Box>
      ))}
    </div>
  );
}

function Principal({ edge }: { edge: TrustEdge }) {
  const says = useEdgeWords();
  return /^arn:.*:(user|role|assumed-role)\//.test(edge.Principal) ? (
    <ArnLink arn={edge.Principal} />
  ) : (
    <span className="break">{says.principal(edge)}</span>
  );
}

function Conditions({ edge }: { edge: TrustEdge }) {
  const m = useMessages(messages);
  if (edge.Status === "BLOCKED") return <>{"–"}</>;
  if (edge.Conditions.length === 0) return <Box color="text-body-secondary">{m("nothing")}</Box>;
  return (
    <SpaceBetween direction="horizontal" size="xxs">
      {edge.Conditions.map((c) => (
        <Badge key={c.Key}>
          <span className="break">{`${c.Key}=${c.Value}`}</span>
        </Badge>
      ))}
    </SpaceBetween>
  );
}

/** Roles that a session of the role can go on to. */
export function AccessPaths({ arn }: { arn: string }) {
  const m = useMessages(messages);
  const regent = useRegent();
  const says = useEdgeWords();
  const paths = useList(["regent", "paths", arn], async (Marker) => {
    const page = await regent.findAccessPaths({ Principal: arn, Marker, MaxItems: 100 });
    return { items: page.Paths.map((p) => p.Edges), next: page.Marker };
  });
  const last = (edges: TrustEdge[]) => edges.at(-1);
  const status = (edges: TrustEdge[]) => edges.find((e) => e.Status !== "ALLOWED") ?? last(edges);
  return (
    <ResourceTable<TrustEdge[]>
      name="access-paths"
      prefix="p."
      title={m("pathsTitle")}
      description={m("pathsText")}
      list={paths}
      rowId={(edges) => edges.map((e) => e.RoleArn).join(" ")}
      columns={[
        {
          id: "role",
          header: m("type_ROLE"),
          value: (edges) => last(edges)?.RoleArn,
          cell: (edges) => <ArnLink arn={last(edges)?.RoleArn} />,
          minWidth: 200,
        },
        { id: "steps", header: m("pathsSteps"), value: (edges) => edges.map((e) => arnName(e.RoleArn)).join(" → ") },
        {
          id: "can",
          header: m("result"),
          value: (edges) => (status(edges) ? says.result(status(edges) as TrustEdge) : ""),
          cell: (edges) => {
            const e = status(edges);
            return e && <Result edge={e} />;
          },
          minWidth: 240,
        },
      ]}
      empty={<Empty title={m("pathsEmpty")} text={m("pathsEmptyText")} />}
    />
  );
}
