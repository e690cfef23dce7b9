import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { useWrite } from "@/aws";
import {
  DeleteOrganizationalUnitCommand,
  UpdateOrganizationalUnitCommand,
  useOrganizations,
} from "@/aws/organizations";
import { DeleteThing } from "@/components/delete-thing";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { Dialog } from "./dialog";
import type { Node } from "./organization";

export function RenameUnit({ node, onClose }: { node: Node; onClose: () => void }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [name, setName] = useState(node.name);
  const rename = useWrite(
    () => organizations.send(new UpdateOrganizationalUnitCommand({ OrganizationalUnitId: node.id, Name: name })),
    { invalidates: [["organizations"]], done: () => m("unitRenamed", { name }), onDone: onClose },
  );
  return (
    <Dialog
      title={m("renameNamed", { name: node.name })}
      act={m("rename")}
      pending={rename.pending}
      problem={rename.problem}
      disabled={name === "" || name === node.name}
      calls={[
        {
          service: "organizations",
          command: "update-organizational-unit",
          options: { "organizational-unit-id": node.id, name },
        },
      ]}
      onSubmit={() => rename.start(undefined)}
      onClose={onClose}
    >
      <FormField label={m("name")}>
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
    </Dialog>
  );
}

/** Deletes a unit; the server refuses while something is in it. */
export function DeleteUnit({ node, onClose, onDeleted }: { node: Node; onClose: () => void; onDeleted: () => void }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  return (
    <DeleteThing
      name={node.name}
      title={m("deleteUnit", { name: node.name })}
      warning={m("deleteUnitText")}
      steps={[
        {
          text: m("deleteUnit", { name: node.name }),
          run: () => organizations.send(new DeleteOrganizationalUnitCommand({ OrganizationalUnitId: node.id })),
          call: {
            service: "organizations",
            command: "delete-organizational-unit",
            options: { "organizational-unit-id": node.id },
          },
        },
      ]}
      done={m("unitDeleted", { name: node.name })}
      invalidates={["organizations"]}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}
