import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { useWrite } from "@/aws";
import { UpdatePolicyCommand, useOrganizations, type PolicySummary } from "@/aws/organizations";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { Dialog } from "./dialog";

/** Changes what a policy is called, and what is said of it. */
export function RenamePolicy({ policy, onClose }: { policy: PolicySummary; onClose: () => void }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [name, setName] = useState(policy.Name ?? "");
  const [description, setDescription] = useState(policy.Description ?? "");
  const rename = useWrite(
    () => organizations.send(new UpdatePolicyCommand({ PolicyId: policy.Id, Name: name, Description: description })),
    { invalidates: [["organizations"]], done: () => m("policySaved", { name }), onDone: onClose },
  );
  return (
    <Dialog
      title={m("renameNamed", { name: policy.Name ?? "" })}
      act={m("save")}
      pending={rename.pending}
      problem={rename.problem}
      disabled={name === "" || (name === policy.Name && description === (policy.Description ?? ""))}
      calls={[
        { service: "organizations", command: "update-policy", options: { "policy-id": policy.Id, name, description } },
      ]}
      onSubmit={() => rename.start(undefined)}
      onClose={onClose}
    >
      <FormField label={m("name")}>
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <FormField label={m("policyDescription")}>
        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
    </Dialog>
  );
}
