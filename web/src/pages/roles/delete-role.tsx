import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useNotices, useRead, useSession } from "@/aws";
import { useIam } from "@/aws/iam";
import { ConfirmDelete } from "@/components/confirm-delete";
import { ErrorPanel } from "@/components/error-panel";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/roles";
import { readWhatGoes, stepsOf } from "./delete-steps";

interface Props {
  name: string;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Deletes a role with everything that IAM wants to be gone before: it is read first, and shown. */
export function DeleteRole({ name, onClose, onDeleted }: Props) {
  const m = useMessages(messages);
  const iam = useIam();
  const notices = useNotices();
  const queries = useQueryClient();
  const { session } = useSession();
  const goes = useRead(["iam", "role", name, "what-goes"], () => readWhatGoes(iam, name));
  const changed = () => queries.invalidateQueries({ queryKey: [session.id, "iam"] });
  return (
    <ConfirmDelete
      name={name}
      title={m("deleteTitle", { name })}
      steps={goes.data && stepsOf(iam, name, goes.data, m)}
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
          {m("deleteText")}
          {goes.data && (
            <Box>
              {goes.data.lastUsed
                ? m.rich("deleteLastUsed", { time: <Time value={goes.data.lastUsed} relative /> })
                : m("deleteNeverUsed")}
            </Box>
          )}
        </Alert>
        {goes.problem && <ErrorPanel problem={goes.problem} retry={goes.reload} />}
      </SpaceBetween>
    </ConfirmDelete>
  );
}
