import { useRead } from "@/aws";
import { useIam } from "@/aws/iam";
import { DeleteThing } from "@/components/delete-thing";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";
import { readWhatGoes, stepsOf } from "./delete-steps";

interface Props {
  name: string;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Deletes a user with everything that IAM wants to be gone before (IA-7): it is read first, and shown. */
export function DeleteUser({ name, onClose, onDeleted }: Props) {
  const m = useMessages(messages);
  const iam = useIam();
  const goes = useRead(["iam", "user", name, "what-goes"], () => readWhatGoes(iam, name));
  return (
    <DeleteThing
      name={name}
      title={m("deleteTitle", { name })}
      warning={
        <>
          {m("deleteText")}{" "}
          {goes.data?.passwordLastUsed &&
            m.rich("deleteLastUsed", { time: <Time value={goes.data.passwordLastUsed} relative /> })}
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
