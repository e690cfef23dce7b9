import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { ArnLink } from "@/components/arn-link";
import { KeyValue } from "@/components/key-value";
import { useGo, path } from "@/components/links";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { DeleteUnit, RenameUnit } from "./change-unit";
import { Guardrail } from "./guardrail";
import { NodePolicies } from "./node-policies";
import { NodeTags } from "./node-tags";
import type { Node } from "./organization";

interface Props {
  root: Node;
  node: Node;
  management: string | undefined;
  onMove: () => void;
  /** The node is no more. */
  onGone: () => void;
}

/** What is known of the chosen node, and what can be done with it. */
export function NodePanel({ root, node, management, onMove, onGone }: Props) {
  const m = useMessages(messages);
  const go = useGo();
  const [dialog, setDialog] = useState<"rename" | "delete">();
  const acts =
    node.kind === "account" ? (
      <SpaceBetween direction="horizontal" size="xs">
        <Button onClick={onMove}>{m("moveTo")}</Button>
        <Button onClick={() => go(path`/org/accounts/${node.id}`)}>{m("openAccount")}</Button>
      </SpaceBetween>
    ) : node.kind === "ou" ? (
      <SpaceBetween direction="horizontal" size="xs">
        <Button onClick={() => setDialog("rename")}>{m("rename")}</Button>
        <Button onClick={() => setDialog("delete")}>{m("delete")}</Button>
      </SpaceBetween>
    ) : undefined;
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" actions={acts}>
            <span className="break">{node.name}</span>
          </Header>
        }
      >
        <KeyValue
          pairs={[
            { label: m("kind"), value: m(`kind_${node.kind}`) },
            { label: m("id"), value: node.id },
            { label: m("arn"), value: <ArnLink arn={node.arn} copy /> },
            ...(node.status === undefined ? [] : [{ label: m("status"), value: node.status }]),
          ]}
        />
      </Container>
      <Guardrail root={root} node={node} management={management} />
      <NodePolicies root={root} node={node} />
      <NodeTags id={node.id} name={node.name} />
      {dialog === "rename" && <RenameUnit node={node} onClose={() => setDialog(undefined)} />}
      {dialog === "delete" && <DeleteUnit node={node} onClose={() => setDialog(undefined)} onDeleted={onGone} />}
    </SpaceBetween>
  );
}
