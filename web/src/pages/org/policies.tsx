import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import { useState } from "react";
import { useList } from "@/aws";
import { ListPoliciesCommand, useOrganizations, type PolicySummary } from "@/aws/organizations";
import { Empty } from "@/components/empty";
import { path, useTo } from "@/components/links";
import { ResourceTable } from "@/components/resource-table";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { CreatePolicy } from "./create-policy";
import { ManagedElsewhere } from "./managed-elsewhere";
import { guardrails, type GuardrailType } from "./targets";

/** The organization's policies that limit what its accounts may do. */
export function Component() {
  const m = useMessages(messages);
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={m("policiesText")}>
          {m("policies")}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {guardrails.map((type, i) => (
          <OfType key={type} type={type} prefix={i === 0 ? "" : "r."} />
        ))}
      </SpaceBetween>
    </ContentLayout>
  );
}

function OfType({ type, prefix }: { type: GuardrailType; prefix: string }) {
  const m = useMessages(messages);
  const to = useTo();
  const organizations = useOrganizations();
  const [creating, setCreating] = useState(false);
  const policies = useList(["organizations", "policies", type], async (NextToken) => {
    const page = await organizations.send(new ListPoliciesCommand({ Filter: type, NextToken }));
    return { items: page.Policies ?? [], next: page.NextToken };
  });
  return (
    <>
      {prefix === "" && <ManagedElsewhere denied={policies.problem?.kind === "denied"} />}
      <ResourceTable<PolicySummary>
        name={type}
        prefix={prefix}
        title={m(`type_${type}`)}
        description={m(`about_${type}`)}
        list={policies}
        rowId={(p) => p.Id ?? ""}
        columns={[
          {
            id: "name",
            header: m("name"),
            value: (p) => p.Name,
            cell: (p) => <Link href={to(path`/org/policies/${p.Id ?? ""}`)}>{p.Name}</Link>,
          },
          { id: "description", header: m("policyDescription"), value: (p) => p.Description },
          { id: "aws", header: m("awsManaged"), value: (p) => p.AwsManaged ?? false },
          { id: "id", header: m("id"), value: (p) => p.Id },
        ]}
        empty={
          <Empty
            title={m("noPolicies")}
            text={m("noPoliciesText")}
            cli={`aws organizations list-policies --filter ${type}`}
          />
        }
        actions={() => <Button onClick={() => setCreating(true)}>{m("createPolicy")}</Button>}
      />
      {creating && <CreatePolicy type={type} onClose={() => setCreating(false)} />}
    </>
  );
}
