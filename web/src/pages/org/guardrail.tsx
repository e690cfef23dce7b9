import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useRead } from "@/aws";
import { useIam } from "@/aws/iam";
import { useOrganizations } from "@/aws/organizations";
import { path, useTo } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { stopping, verdicts, type Question, type Verdict } from "./effective";
import type { Node } from "./organization";
import { guardrails, levelsOf } from "./targets";

interface Props {
  root: Node;
  node: Node;
  management: string | undefined;
}

/** Asks what the organization's policies do to one action at a node. */
export function Guardrail({ root, node, management }: Props) {
  const m = useMessages(messages);
  const [action, setAction] = useState("s3:DeleteBucket");
  const [resource, setResource] = useState("*");
  const [asked, setAsked] = useState<Question>();
  const wrong = /^[A-Za-z0-9-]+:[A-Za-z0-9]+$/.test(action) ? undefined : m("actionForm");
  return (
    <Container
      header={
        <Header variant="h2" description={m("guardrailText")}>
          {m("guardrail")}
        </Header>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!wrong) setAsked({ action, resource });
        }}
      >
        <SpaceBetween size="m">
          <ColumnLayout columns={2}>
            <FormField label={m("action")} errorText={wrong}>
              <Input value={action} spellcheck={false} onChange={({ detail }) => setAction(detail.value.trim())} />
            </FormField>
            <FormField label={m("resource")}>
              <Input value={resource} spellcheck={false} onChange={({ detail }) => setResource(detail.value.trim())} />
            </FormField>
          </ColumnLayout>
          <Button formAction="submit">{m("ask")}</Button>
          {asked && <Answer root={root} node={node} management={management} question={asked} />}
        </SpaceBetween>
      </form>
    </Container>
  );
}

function Answer({ root, node, management, question }: Props & { question: Question }) {
  const m = useMessages(messages);
  const iam = useIam();
  const organizations = useOrganizations();
  const { action, resource } = question;
  const reading = useRead(["organizations", "guardrail", node.id, action, resource], async () => {
    const all = await Promise.all(
      guardrails.map(async (type) =>
        verdicts(organizations, iam, await levelsOf(organizations, root, node, type), type, question),
      ),
    );
    return all.flat();
  });
  if (node.id === management) return <StatusIndicator type="info">{m("managementIsFree")}</StatusIndicator>;
  return (
    <PanelState reading={reading}>
      {(all) => {
        const stop = stopping(all);
        return (
          <SpaceBetween size="s">
            <div role="status">
              {stop ? (
                <StatusIndicator type="error">
                  {m.rich(stop.outcome === "denies" ? "stopDenied" : "stopSilent", {
                    action: <code>{action}</code>,
                    node: node.name,
                    policy: <Policies verdict={stop} />,
                    level: stop.level.node.name,
                  })}
                </StatusIndicator>
              ) : (
                <StatusIndicator type="success">
                  {m.rich("notStopped", { action: <code>{action}</code>, node: node.name })}
                </StatusIndicator>
              )}
            </div>
            <ol className="steps">
              {all.map((v) => (
                <li key={v.type + v.level.node.id}>
                  <StatusIndicator type={v.outcome === "allows" ? "success" : "error"}>
                    {m(v.type === "SERVICE_CONTROL_POLICY" ? "scpAt" : "rcpAt", { level: v.level.node.name })}{" "}
                    {m(`outcome_${v.outcome}`)} <Policies verdict={v} />
                    {v.missing.length > 0 && <> {m("depends", { keys: v.missing.join(", ") })}</>}
                  </StatusIndicator>
                </li>
              ))}
            </ol>
          </SpaceBetween>
        );
      }}
    </PanelState>
  );
}

function Policies({ verdict }: { verdict: Verdict }) {
  const m = useMessages(messages);
  const to = useTo();
  return (
    <>
      {verdict.by.map(({ id, name, line }, i) => (
        <span key={id}>
          {i > 0 && m("comma")}
          <Link href={to(path`/org/policies/${id}`)}>{name}</Link>
          {line !== undefined && m("atLine", { line })}
        </span>
      ))}
    </>
  );
}
