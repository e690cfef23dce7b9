import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useNotices, useRead, useSession } from "@/aws";
import { useIam, type Policy } from "@/aws/iam";
import { ConfirmDelete } from "@/components/confirm-delete";
import { ErrorPanel } from "@/components/error-panel";
import { useMessages } from "@/messages";
import messages from "@/messages/en/policies";
import { deleteSteps, readWhatGoes } from "./steps";

interface Props {
  policy: Policy;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Deletes a policy: from all who have it, then its versions, then itself, as IAM wants it. */
export function DeletePolicy({ policy, onClose, onDeleted }: Props) {
  const m = useMessages(messages);
  const iam = useIam();
  const notices = useNotices();
  const queries = useQueryClient();
  const { session } = useSession();
  const arn = policy.Arn ?? "";
  const name = policy.PolicyName ?? "";
  const goes = useRead(["iam", "policy", arn, "what-goes"], () => readWhatGoes(iam, arn));
  const changed = () => queries.invalidateQueries({ queryKey: [session.id, "iam"] });
  const bounded = goes.data?.entities.filter((e) => e.boundary) ?? [];
  if (bounded.length > 0) {
    return (
      <Modal
        visible
        header={m("deleteBoundaryTitle", { name })}
        onDismiss={onClose}
        footer={
          <Box float="right">
            <Button onClick={onClose}>{m("close")}</Button>
          </Box>
        }
      >
        <SpaceBetween size="s">
          <Box>{m("deleteBoundaryText")}</Box>
          <ul>
            {bounded.map((e) => (
              <li key={`${e.type}/${e.name}`} className="break">
                {m(`entity_${e.type}`, { name: e.name })}
              </li>
            ))}
          </ul>
        </SpaceBetween>
      </Modal>
    );
  }
  const count = goes.data?.entities.length ?? 0;
  return (
    <ConfirmDelete
      name={name}
      title={m("deleteTitle", { name })}
      steps={goes.data && deleteSteps(iam, arn, goes.data, m)}
      onDone={() => {
        notices.success(m("deleted", { name }));
        onClose();
        onDeleted?.();
        void changed();
      }}
      onClose={(some) => {
        onClose();
        if (some) void changed();
      }}
    >
      <SpaceBetween size="s">
        <Alert type="warning">
          {m("deleteText")} {goes.data && m("deleteUsed", { count })}
        </Alert>
        {goes.problem && <ErrorPanel problem={goes.problem} retry={goes.reload} />}
      </SpaceBetween>
    </ConfirmDelete>
  );
}
