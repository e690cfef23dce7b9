/** What is left of the permissions after boundary and organization, for the actions that one asks about. */
import Container from "@cloudscape-design/components/container";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { readAll, useRead, type Reading } from "@/aws";
import { SimulatePrincipalPolicyCommand, useIam, type EvaluationResult, type User } from "@/aws/iam";
import { PanelState } from "@/components/panel-state";
import { policiesKey } from "@/components/permissions/entity";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";

/** What people ask first. */
const usual = [
  "s3:ListAllMyBuckets",
  "s3:GetObject",
  "s3:PutObject",
  "s3:DeleteObject",
  "s3:PutBucketPolicy",
  "sts:AssumeRole",
  "iam:ListUsers",
  "iam:CreateUser",
  "iam:AttachUserPolicy",
  "iam:PassRole",
  "organizations:DescribeOrganization",
];

export const actionsIn = (text: string) => [...new Set(text.split(/[\s,]+/).filter((a) => /^[\w-]+:\w+$/.test(a)))];

export type Verdict = "allowed" | "boundary" | "organization" | "explicit" | "nothing";

/** Which layer decided. */
export function verdictOf(result: EvaluationResult): Verdict {
  if (result.EvalDecision === "allowed") return "allowed";
  if (result.EvalDecision === "explicitDeny") return "explicit";
  if (result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary === false) return "boundary";
  if (result.OrganizationsDecisionDetail?.AllowedByOrganizations === false) return "organization";
  return "nothing";
}

export function Effective({ name, user }: { name: string; user: Reading<User | undefined> }) {
  const m = useMessages(messages);
  const [text, setText] = useState("");
  const [actions, setActions] = useState(usual);
  return (
    <Container
      header={
        <Header variant="h2" description={m("effectiveText")}>
          {m("effectiveTitle")}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const asked = actionsIn(text);
            setActions(asked.length > 0 ? asked : usual);
          }}
        >
          <FormField
            label={m("effectiveActions")}
            constraintText={m("effectiveActionsText")}
            secondaryControl={<Button formAction="submit">{m("effectiveAsk")}</Button>}
          >
            <Input
              value={text}
              placeholder="s3:GetObject, iam:PassRole"
              spellcheck={false}
              autoComplete={false}
              onChange={({ detail }) => setText(detail.value)}
            />
          </FormField>
        </form>
        <PanelState reading={user} lines={2}>
          {(u) => <Verdicts name={name} arn={u?.Arn ?? ""} actions={actions} />}
        </PanelState>
      </SpaceBetween>
    </Container>
  );
}

function Verdicts({ name, arn, actions }: { name: string; arn: string; actions: string[] }) {
  const m = useMessages(messages);
  const iam = useIam();
  // Asked anew when the policies are.
  const key = [...policiesKey({ kind: "user", name }), "simulated", ...actions];
  const results = useRead(key, () =>
    readAll(async (Marker) => {
      const page = await iam.send(
        new SimulatePrincipalPolicyCommand({ PolicySourceArn: arn, ActionNames: actions, Marker }),
      );
      return { items: page.EvaluationResults ?? [], next: page.Marker };
    }),
  );
  return (
    <PanelState reading={results} lines={4}>
      {(found) => (
        <Table
          variant="embedded"
          ariaLabels={{ tableLabel: m("effectiveTitle") }}
          items={found}
          trackBy="EvalActionName"
          wrapLines
          columnDefinitions={[
            {
              id: "action",
              header: m("effectiveAction"),
              isRowHeader: true,
              cell: (r) => <code className="break">{r.EvalActionName}</code>,
            },
            {
              id: "verdict",
              header: m("effectiveVerdict"),
              cell: (r) => {
                const verdict = verdictOf(r);
                return (
                  <StatusIndicator type={verdict === "allowed" ? "success" : "stopped"}>
                    {m(`verdict_${verdict}`)}
                  </StatusIndicator>
                );
              },
            },
          ]}
        />
      )}
    </PanelState>
  );
}
