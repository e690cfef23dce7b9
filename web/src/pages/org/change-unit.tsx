import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNotices, useSession, useWrite } from "@/aws";
import {
  DeleteOrganizationalUnitCommand,
  UpdateOrganizationalUnitCommand,
  useOrganizations,
} from "@/aws/organizations";
import { ConfirmDelete } from "@/components/confirm-delete";
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
export function DeleteUnit({ node, onClose }: { node: Node; onClose: (gone: boolean) => void }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const notices = useNotices();
  const queries = useQueryClient();
  const { session } = useSession();
  return (
    <ConfirmDelete
      name={node.name}
      title={m("deleteUnit", { name: node.name })}
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
      onDone={() => {
        notices.success(m("unitDeleted", { name: node.name }));
        onClose(true);
        void queries.invalidateQueries({ queryKey: [session.id, "organizations"] });
      }}
      onClose={() => onClose(false)}
    >
      <Alert type="warning">{m("deleteUnitText")}</Alert>
    </ConfirmDelete>
  );
}
