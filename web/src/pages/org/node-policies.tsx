import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useList, useRead, useWrite } from "@/aws";
import {
  AttachPolicyCommand,
  DetachPolicyCommand,
  ListPoliciesCommand,
  useOrganizations,
  type PolicySummary,
} from "@/aws/organizations";
import { Empty } from "@/components/empty";
import { path, useTo } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { Dialog } from "./dialog";
import type { Node } from "./organization";
import "./org.css";
import { guardrails, levelsOf, type GuardrailType } from "./targets";

/** The policies that limit a node: its own, and what it inherits. */
export function NodePolicies({ root, node }: { root: Node; node: Node }) {
  const m = useMessages(messages);
  return (
    <Container
      header={
        <Header variant="h2" description={m("limitsText")}>
          {m("limits")}
        </Header>
      }
    >
      <Tabs
        ariaLabel={m("limits")}
        tabs={guardrails.map((type) => ({
          id: type,
          label: m(`type_${type}`),
          content: <OfType root={root} node={node} type={type} />,
        }))}
      />
    </Container>
  );
}

function OfType({ root, node, type }: { root: Node; node: Node; type: GuardrailType }) {
  const m = useMessages(messages);
  const to = useTo();
  const organizations = useOrganizations();
  const [attaching, setAttaching] = useState(false);
  const [detaching, setDetaching] = useState<PolicySummary>();
  const levels = useRead(["organizations", "levels", node.id, type], () => levelsOf(organizations, root, node, type));
  return (
    <SpaceBetween size="m">
      <PanelState reading={levels}>
        {(read) => (
          <SpaceBetween size="m">
            {read.toReversed().map((level) => {
              const own = level.node.id === node.id;
              return (
                <div key={level.node.id}>
                  <Box variant="h3">{own ? m("attachedHere") : m("inheritedFrom", { name: level.node.name })}</Box>
                  {level.policies.length === 0 ? (
                    <Box color="text-body-secondary">{m(own ? "noneAttached" : "noneInherited")}</Box>
                  ) : (
                    <ul className="org-plain">
                      {level.policies.map((p) => (
                        <li key={p.Id}>
                          <SpaceBetween direction="horizontal" size="xs" alignItems="center">
                            <Link href={to(path`/org/policies/${p.Id ?? ""}`)}>{p.Name}</Link>
                            {p.AwsManaged && <Box variant="small">{m("awsManaged")}</Box>}
                            {own && (
                              <Button
                                variant="inline-link"
                                ariaLabel={m("detachNamed", { name: p.Name ?? "" })}
                                onClick={() => setDetaching(p)}
                              >
                                {m("detach")}
                              </Button>
                            )}
                          </SpaceBetween>
                        </li>
                      ))}
                    </ul>
                  )}
                </div>
              );
            })}
          </SpaceBetween>
        )}
      </PanelState>
      <Button onClick={() => setAttaching(true)}>{m("attach")}</Button>
      {attaching && (
        <Attach
          node={node}
          type={type}
          taken={levels.data?.at(-1)?.policies ?? []}
          onClose={() => setAttaching(false)}
        />
      )}
      {detaching && <Detach node={node} policy={detaching} onClose={() => setDetaching(undefined)} />}
    </SpaceBetween>
  );
}

interface AttachProps {
  node: Node;
  type: GuardrailType;
  taken: PolicySummary[];
  onClose: () => void;
}

function Attach({ node, type, taken, onClose }: AttachProps) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [chosen, setChosen] = useState<string>();
  const policies = useList(["organizations", "policies", type], async (NextToken) => {
    const page = await organizations.send(new ListPoliciesCommand({ Filter: type, NextToken }));
    return { items: page.Policies ?? [], next: page.NextToken };
  });
  const attach = useWrite(
    (PolicyId: string) => organizations.send(new AttachPolicyCommand({ PolicyId, TargetId: node.id })),
    {
      invalidates: [["organizations"]],
      done: () => m("attached", { name: node.name }),
      onDone: onClose,
    },
  );
  const free = policies.items.filter((p) => !taken.some((t) => t.Id === p.Id));
  const options = free.map((p) => ({
    value: p.Id ?? "",
    label: p.Name ?? "",
    description: p.Description,
    tags: [p.Id ?? ""],
  }));
  return (
    <Dialog
      title={m("attachTo", { name: node.name })}
      act={m("attach")}
      pending={attach.pending}
      problem={attach.problem}
      disabled={chosen === undefined}
      calls={[
        {
          service: "organizations",
          command: "attach-policy",
          options: { "policy-id": chosen ?? "p-…", "target-id": node.id },
          terraform: `resource "aws_organizations_policy_attachment" "this" {\n  policy_id = "${chosen ?? "p-…"}"\n  target_id = "${node.id}"\n}`,
        },
      ]}
      onSubmit={() => chosen !== undefined && attach.start(chosen)}
      onClose={onClose}
    >
      <PanelState
        reading={policies}
        isEmpty={() => options.length === 0}
        empty={<Empty title={m("nothingToAttach")} text={m("nothingToAttachText")} />}
      >
        {() => (
          <FormField label={m("policy")}>
            <Select
              selectedOption={options.find((o) => o.value === chosen) ?? null}
              options={options}
              placeholder={m("choosePolicy")}
              filteringType="auto"
              onChange={({ detail }) => setChosen(detail.selectedOption.value)}
            />
          </FormField>
        )}
      </PanelState>
    </Dialog>
  );
}

function Detach({ node, policy, onClose }: { node: Node; policy: PolicySummary; onClose: () => void }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const detach = useWrite(
    () => organizations.send(new DetachPolicyCommand({ PolicyId: policy.Id, TargetId: node.id })),
    {
      invalidates: [["organizations"]],
      done: () => m("detached", { policy: policy.Name ?? "", name: node.name }),
      onDone: onClose,
    },
  );
  return (
    <Dialog
      title={m("detachTitle", { policy: policy.Name ?? "", name: node.name })}
      act={m("detach")}
      pending={detach.pending}
      problem={detach.problem}
      calls={[
        {
          service: "organizations",
          command: "detach-policy",
          options: { "policy-id": policy.Id, "target-id": node.id },
        },
      ]}
      onSubmit={() => detach.start(undefined)}
      onClose={onClose}
    >
      <Box>{m("detachText")}</Box>
    </Dialog>
  );
}
