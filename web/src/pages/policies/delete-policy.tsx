import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRead } from "@/aws";
import { useIam, type Policy } from "@/aws/iam";
import { DeleteThing } from "@/components/delete-thing";
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
  const arn = policy.Arn ?? "";
  const name = policy.PolicyName ?? "";
  const goes = useRead(["iam", "policy", arn, "what-goes"], () => readWhatGoes(iam, arn));
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
    <DeleteThing
      name={name}
      title={m("deleteTitle", { name })}
      warning={
        <>
          {m("deleteText")} {goes.data && m("deleteUsed", { count })}
        </>
      }
      goes={goes}
      steps={goes.data && deleteSteps(iam, arn, goes.data, m)}
      done={m("deleted", { name })}
      invalidates={["iam"]}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}
