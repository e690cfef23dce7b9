import Box from "@cloudscape-design/components/box";
import { useRead } from "@/aws";
import { useIam } from "@/aws/iam";
import { DeleteThing } from "@/components/delete-thing";
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
  const goes = useRead(["iam", "role", name, "what-goes"], () => readWhatGoes(iam, name));
  return (
    <DeleteThing
      name={name}
      title={m("deleteTitle", { name })}
      warning={
        <>
          {m("deleteText")}
          {goes.data && (
            <Box>
              {goes.data.lastUsed
                ? m.rich("deleteLastUsed", { time: <Time value={goes.data.lastUsed} relative /> })
                : m("deleteNeverUsed")}
            </Box>
          )}
        </>
      }
      goes={goes}
      steps={goes.data && stepsOf(iam, name, goes.data, m)}
      done={m("deleted", { name })}
      invalidates={["iam"]}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}
