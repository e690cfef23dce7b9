import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useWrite } from "@/aws";
import { CreatePolicyCommand, useOrganizations } from "@/aws/organizations";
import { path, useGo } from "@/components/links";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { PolicyEditor, SavePolicy } from "@/policy/editor";
import { kindOf, type GuardrailType } from "./targets";

const starts: Record<GuardrailType, object> = {
  SERVICE_CONTROL_POLICY: {
    Version: "2012-10-17",
    Statement: [{ Sid: "DenyLeaving", Effect: "Deny", Action: "organizations:LeaveOrganization", Resource: "*" }],
  },
  RESOURCE_CONTROL_POLICY: {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TLSOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: "*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  },
};

/** Makes a policy, which limits nothing until it is attached. */
export function CreatePolicy({ type, onClose }: { type: GuardrailType; onClose: () => void }) {
  const m = useMessages(messages);
  const go = useGo();
  const organizations = useOrganizations();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [text, setText] = useState(() => JSON.stringify(starts[type], null, 2));
  const create = useWrite(
    (Content: string) =>
      organizations.send(new CreatePolicyCommand({ Name: name, Description: description, Type: type, Content })),
    {
      invalidates: [["organizations", "policies"]],
      done: () => m("policyCreated", { name }),
      onDone: ({ Policy }) => go(path`/org/policies/${Policy?.PolicySummary?.Id ?? ""}`),
    },
  );
  return (
    <Modal
      visible
      size="max"
      onDismiss={onClose}
      header={m("createPolicy")}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {m("cancel")}
            </Button>
            <SavePolicy
              text={text}
              kind={kindOf(type)}
              label={m("createPolicy")}
              onSave={create.start}
              pending={create.pending}
              problem={create.problem}
              disabled={name === ""}
            />
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <FormField label={m("name")}>
          <Input value={name} onChange={({ detail }) => setName(detail.value)} />
        </FormField>
        <FormField label={m("policyDescription")}>
          <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
        </FormField>
        <PolicyEditor value={text} onChange={setText} kind={kindOf(type)} />
        <ViewAs
          calls={[
            {
              service: "organizations",
              command: "create-policy",
              options: { name: name || "guardrail", description, type, content: "file://policy.json" },
            },
          ]}
        />
      </SpaceBetween>
    </Modal>
  );
}
