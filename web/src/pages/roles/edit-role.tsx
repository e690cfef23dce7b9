import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useWrite } from "@/aws";
import { UpdateRoleCommand, useIam, type Role } from "@/aws/iam";
import { ErrorPanel } from "@/components/error-panel";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/roles";
import { DescriptionField, isDescription, SessionField } from "./fields";

/** Changes what of a role can be changed without making it another: name and path cannot. */
export function EditRole({ role, close }: { role: Role; close: () => void }) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const iam = useIam();
  const name = role.RoleName ?? "";
  const [description, setDescription] = useState(role.Description ?? "");
  const [maxSession, setMaxSession] = useState(role.MaxSessionDuration ?? 3600);
  const save = useWrite(
    () => iam.send(new UpdateRoleCommand({ RoleName: name, Description: description, MaxSessionDuration: maxSession })),
    {
      invalidates: [
        ["iam", "role", name],
        ["iam", "roles"],
      ],
      done: () => m("editSaved", { name }),
      onDone: close,
    },
  );
  const call = {
    service: "iam",
    command: "update-role",
    options: { "role-name": name, description, "max-session-duration": String(maxSession) },
  };
  return (
    <Modal
      visible
      onDismiss={close}
      header={<span className="break">{m("editTitle", { name })}</span>}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={close}>
              {c("cancel")}
            </Button>
            <Button
              variant="primary"
              form="edit-role"
              formAction="submit"
              loading={save.pending}
              disabled={!isDescription(description)}
            >
              {c("save")}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id="edit-role"
        onSubmit={(event) => {
          event.preventDefault();
          if (isDescription(description)) save.start(undefined);
        }}
      >
        <SpaceBetween size="m">
          {save.problem && <ErrorPanel problem={save.problem} />}
          <DescriptionField value={description} onChange={setDescription} />
          <SessionField value={maxSession} onChange={setMaxSession} />
          <ViewAs calls={[call]} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
