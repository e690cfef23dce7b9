import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { readAll, useList, useRead, useWrite } from "@/aws";
import {
  DeletePolicyCommand,
  DescribePolicyCommand,
  DetachPolicyCommand,
  ListTargetsForPolicyCommand,
  UpdatePolicyCommand,
  useOrganizations,
  type Policy,
  type PolicyTargetSummary,
} from "@/aws/organizations";
import { ArnLink } from "@/components/arn-link";
import type { Step } from "@/components/confirm-delete";
import { DeleteThing } from "@/components/delete-thing";
import { Empty } from "@/components/empty";
import { KeyValue } from "@/components/key-value";
import { useGo, useParam } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { ResourceTable } from "@/components/resource-table";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { PolicyEditor, SavePolicy } from "@/policy/editor";
import { PolicyView } from "@/policy/view";
import { ManagedElsewhere } from "./managed-elsewhere";
import { NodeTags } from "./node-tags";
import { RenamePolicy } from "./rename-policy";
import { kindOf } from "./targets";

/** A policy of the organization. */
export function Component() {
  const id = useParam("id");
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [dialog, setDialog] = useState<"rename" | "delete">();
  const policy = useRead(["organizations", "policy", id], async () => {
    const { Policy } = await organizations.send(new DescribePolicyCommand({ PolicyId: id }));
    return Policy;
  });
  const targets = useList(["organizations", "policy", id, "targets"], async (NextToken) => {
    const page = await organizations.send(new ListTargetsForPolicyCommand({ PolicyId: id, NextToken }));
    return { items: page.Targets ?? [], next: page.NextToken };
  });
  const name = policy.data?.PolicySummary?.Name ?? id;
  const aws = policy.data?.PolicySummary?.AwsManaged;
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={policy.data?.PolicySummary?.Description}
          actions={
            !aws && (
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={!policy.data} onClick={() => setDialog("rename")}>
                  {m("renamePolicy")}
                </Button>
                <Button onClick={() => setDialog("delete")}>{m("delete")}</Button>
              </SpaceBetween>
            )
          }
        >
          <span className="break">{name}</span>
        </Header>
      }
    >
      <SpaceBetween size="l">
        <ManagedElsewhere denied={policy.problem?.kind === "denied"} />
        <PanelState reading={policy} lines={6}>
          {(p) => (p ? <Document policy={p} /> : null)}
        </PanelState>
        <ResourceTable<PolicyTargetSummary>
          name="policy-targets"
          title={m("targets")}
          list={targets}
          rowId={(t) => t.TargetId ?? ""}
          columns={[
            { id: "name", header: m("name"), value: (t) => t.Name },
            { id: "kind", header: m("kind"), value: (t) => t.Type },
            { id: "id", header: m("id"), value: (t) => t.TargetId },
            { id: "arn", header: m("arn"), value: (t) => t.Arn, cell: (t) => <ArnLink arn={t.Arn} /> },
          ]}
          empty={<Empty title={m("noTargets")} text={m("noTargetsText")} />}
        />
        {!aws && <NodeTags id={id} name={name} />}
      </SpaceBetween>
      {dialog === "rename" && policy.data?.PolicySummary && (
        <RenamePolicy policy={policy.data.PolicySummary} onClose={() => setDialog(undefined)} />
      )}
      {dialog === "delete" && <Delete id={id} name={name} onClose={() => setDialog(undefined)} />}
    </ContentLayout>
  );
}

function Document({ policy }: { policy: Policy }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const id = policy.PolicySummary?.Id;
  const saved = policy.Content ?? "";
  const kind = kindOf(
    policy.PolicySummary?.Type === "RESOURCE_CONTROL_POLICY" ? "RESOURCE_CONTROL_POLICY" : "SERVICE_CONTROL_POLICY",
  );
  const [draft, setDraft] = useState<string>();
  const save = useWrite((Content: string) => organizations.send(new UpdatePolicyCommand({ PolicyId: id, Content })), {
    invalidates: [["organizations"]],
    done: () => m("policySaved", { name: policy.PolicySummary?.Name ?? "" }),
    onDone: () => setDraft(undefined),
  });
  return (
    <SpaceBetween size="l">
      <Container>
        <KeyValue
          pairs={[
            { label: m("id"), value: id },
            { label: m("arn"), value: <ArnLink arn={policy.PolicySummary?.Arn} copy /> },
            {
              label: m("kind"),
              value: m(kind === "rcp" ? "type_RESOURCE_CONTROL_POLICY" : "type_SERVICE_CONTROL_POLICY"),
            },
          ]}
        />
      </Container>
      <Container
        header={
          <Header
            variant="h2"
            actions={
              draft === undefined ? (
                !policy.PolicySummary?.AwsManaged && <Button onClick={() => setDraft(saved)}>{m("edit")}</Button>
              ) : (
                <SpaceBetween direction="horizontal" size="xs">
                  <Button variant="link" onClick={() => setDraft(undefined)}>
                    {m("cancel")}
                  </Button>
                  <SavePolicy
                    text={draft}
                    kind={kind}
                    original={saved}
                    label={m("save")}
                    onSave={save.start}
                    pending={save.pending}
                    problem={save.problem}
                    disabled={draft === saved}
                  >
                    <ViewAs
                      calls={[
                        {
                          service: "organizations",
                          command: "update-policy",
                          options: { "policy-id": id, content: draft },
                        },
                      ]}
                    />
                  </SavePolicy>
                </SpaceBetween>
              )
            }
          >
            {m("document")}
          </Header>
        }
      >
        {draft === undefined ? (
          <PolicyView text={saved} />
        ) : (
          <PolicyEditor value={draft} onChange={setDraft} kind={kind} original={saved} />
        )}
      </Container>
    </SpaceBetween>
  );
}

/** Deletes a policy: it is taken from everything that it is attached to before. */
function Delete({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const m = useMessages(messages);
  const go = useGo();
  const organizations = useOrganizations();
  const targets = useRead(["organizations", "policy", id, "all-targets"], () =>
    readAll(async (NextToken?: string) => {
      const page = await organizations.send(new ListTargetsForPolicyCommand({ PolicyId: id, NextToken }));
      return { items: page.Targets ?? [], next: page.NextToken };
    }),
  );
  const steps: Step[] | undefined = targets.data && [
    ...targets.data.map(({ TargetId = "", Name = "" }) => ({
      text: m("stepDetach", { name: Name }),
      run: () => organizations.send(new DetachPolicyCommand({ PolicyId: id, TargetId })),
      call: {
        service: "organizations",
        command: "detach-policy",
        options: { "policy-id": id, "target-id": TargetId },
      },
    })),
    {
      text: m("stepDelete", { name }),
      run: () => organizations.send(new DeletePolicyCommand({ PolicyId: id })),
      call: { service: "organizations", command: "delete-policy", options: { "policy-id": id } },
    },
  ];
  return (
    <DeleteThing
      name={name}
      title={m("deletePolicy", { name })}
      warning={m("deletePolicyText")}
      goes={targets}
      steps={steps}
      done={m("policyDeleted", { name })}
      invalidates={["organizations"]}
      onClose={onClose}
      onDeleted={() => go("/org/policies", { replace: true })}
    />
  );
}
