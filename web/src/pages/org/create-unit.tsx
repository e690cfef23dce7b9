import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { useWrite } from "@/aws";
import { CreateOrganizationalUnitCommand, useOrganizations } from "@/aws/organizations";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { Dialog } from "./dialog";
import type { Node } from "./organization";

/** Makes an organizational unit below a node. */
export function CreateUnit({ parent, onClose }: { parent: Node; onClose: () => void }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [name, setName] = useState("");
  const create = useWrite(
    () => organizations.send(new CreateOrganizationalUnitCommand({ ParentId: parent.id, Name: name })),
    { invalidates: [["organizations"]], done: () => m("unitCreated", { name }), onDone: onClose },
  );
  return (
    <Dialog
      title={m("createUnitIn", { name: parent.name })}
      act={m("createUnit")}
      pending={create.pending}
      problem={create.problem}
      disabled={name === ""}
      calls={[
        {
          service: "organizations",
          command: "create-organizational-unit",
          options: { "parent-id": parent.id, name: name || "Workloads" },
          terraform: `resource "aws_organizations_organizational_unit" "this" {\n  name      = ${JSON.stringify(name || "Workloads")}\n  parent_id = "${parent.id}"\n}`,
        },
      ]}
      onSubmit={() => create.start(undefined)}
      onClose={onClose}
    >
      <FormField label={m("name")}>
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
    </Dialog>
  );
}
