import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Icon from "@cloudscape-design/components/icon";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import TreeView from "@cloudscape-design/components/tree-view";
import { useState, type DragEvent } from "react";
import { accountDigits } from "@/components/account";
import { ErrorPanel } from "@/components/error-panel";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/org";
import { useChildren, type Children, type Node } from "./organization";

interface Props {
  root: Node;
  management: string | undefined;
  selected: string;
  onSelect: (node: Node) => void;
  /** Something was dropped on a unit or the root: the accounts' other way is "Move to…". */
  onMove: (account: Node, to: Node) => void;
}

/** A line of the tree that is no node: its parent's children are on their way, are none, or may not be read. */
interface Line {
  id: string;
  of: Children;
}

type Item = Node | Line;

/** A node that stands for so many rows shows these first, and all of them when asked. */
const first = 100;

/** The organization as a tree. What lies below a unit is read when it is opened. */
export function Tree({ root, management, selected, onSelect, onMove }: Props) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const [open, setOpen] = useState<readonly string[]>([root.id]);
  const [whole, setWhole] = useState<readonly string[]>([]);
  const [over, setOver] = useState<string>();
  const children = useChildren(open);

  const childrenOf = (item: Item): Item[] | undefined => {
    if (!("kind" in item) || item.kind === "account") return undefined;
    const of = children.get(item.id) ?? { loading: true, reload: () => undefined };
    if (of.nodes === undefined || of.nodes.length === 0) return [{ id: `${item.id} `, of }];
    const shown = whole.includes(item.id) ? of.nodes : of.nodes.slice(0, first);
    return shown.length < of.nodes.length ? [...shown, { id: `${item.id} +`, of }] : shown;
  };

  const drop = (target: Node) =>
    target.kind === "account"
      ? {}
      : {
          onDragOver: (event: DragEvent) => {
            if (!event.dataTransfer.types.includes(dragged)) return;
            event.preventDefault();
            setOver(target.id);
          },
          onDragLeave: () => setOver(undefined),
          onDrop: (event: DragEvent) => {
            event.preventDefault();
            setOver(undefined);
            const account = JSON.parse(event.dataTransfer.getData(dragged)) as Node;
            if (account.parent !== target.id) onMove(account, target);
          },
        };

  const render = (node: Node) => (
    <div
      className={over === node.id ? "org-node org-over" : "org-node"}
      draggable={node.kind === "account"}
      onDragStart={(event) => event.dataTransfer.setData(dragged, JSON.stringify(node))}
      {...drop(node)}
    >
      <Link
        ariaLabel={m("selectNode", { name: node.name })}
        variant={selected === node.id ? "primary" : "secondary"}
        onFollow={() => onSelect(node)}
      >
        <span className="break">{selected === node.id ? <strong>{node.name}</strong> : node.name}</span>
      </Link>
    </div>
  );

  const line = ({ id, of }: Line) => {
    if (of.problem) return <ErrorPanel problem={of.problem} retry={of.reload} />;
    if (of.loading) return <StatusIndicator type="loading">{c("loading")}</StatusIndicator>;
    if (!of.nodes?.length) return <Box color="text-body-secondary">{m("nothingBelow")}</Box>;
    return (
      <Link variant="info" onFollow={() => setWhole([...whole, id.split(" ")[0] ?? ""])}>
        {m("showAll", { count: of.nodes.length })}
      </Link>
    );
  };

  return (
    <TreeView<Item>
      ariaLabel={m("tree")}
      items={[root]}
      getItemId={(item) => item.id}
      getItemChildren={childrenOf}
      expandedItems={open}
      onItemToggle={({ detail }) =>
        setOpen(detail.expanded ? [...open, detail.id] : open.filter((id) => id !== detail.id))
      }
      connectorLines="vertical"
      i18nStrings={{
        // The component says the name after it.
        collapseButtonLabel: () => m("collapse"),
        expandButtonLabel: () => m("expand"),
      }}
      renderItem={(item) =>
        "kind" in item
          ? {
              icon: <Icon name={item.kind === "account" ? "user-profile" : "folder"} />,
              content: render(item),
              secondaryContent: <Facts node={item} management={management} />,
              announcementLabel: item.name,
            }
          : { content: line(item) }
      }
    />
  );
}

const dragged = "application/x-regent-account";

function Facts({ node, management }: { node: Node; management: string | undefined }) {
  const m = useMessages(messages);
  return (
    <SpaceBetween direction="horizontal" size="xxs">
      <Box variant="small" display="inline">
        {node.kind === "account" ? accountDigits(node.id) : node.id}
      </Box>
      {node.id === management && <Badge color="blue">{m("management")}</Badge>}
      {node.status !== undefined && node.status !== "ACTIVE" && <Badge color="red">{node.status}</Badge>}
    </SpaceBetween>
  );
}
