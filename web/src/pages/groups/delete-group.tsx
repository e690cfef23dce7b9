import { readAll, useRead } from "@/aws";
import { DeleteGroupCommand, RemoveUserFromGroupCommand, useIam, type IAMClient } from "@/aws/iam";
import type { Step } from "@/components/confirm-delete";
import { DeleteThing } from "@/components/delete-thing";
import { policiesOf, policyCall, type Attached } from "@/components/permissions/entity";
import { useMessages, type Texts } from "@/messages";
import messages from "@/messages/en/groups";
import { readMembers } from "./data";

interface WhatGoes {
  users: string[];
  attached: Attached[];
  inline: string[];
}

/** Reads all that hangs on a group. What may not be read may not be missing from the steps: then it fails. */
async function readWhatGoes(iam: IAMClient, name: string): Promise<WhatGoes> {
  const policies = policiesOf(iam, { kind: "group", name });
  const [users, attached, inline] = await Promise.all([
    readMembers(iam, name),
    readAll(policies.attached),
    readAll(policies.inline),
  ]);
  return { users: users.map((u) => u.UserName ?? ""), attached, inline };
}

/** IAM deletes no group that has users or policies (IA-41). */
function stepsOf(iam: IAMClient, name: string, goes: WhatGoes, m: Texts<typeof messages.messages>): Step[] {
  const entity = { kind: "group" as const, name };
  const policies = policiesOf(iam, entity);
  return [
    ...goes.users.map((user) => removeStep(iam, name, user, m("stepRemove", { name: user }))),
    ...goes.attached.map((policy) => ({
      text: m("stepDetach", { name: policy.name }),
      run: () => policies.detach(policy.arn),
      call: policyCall(entity, "detach", { arn: policy.arn }),
    })),
    ...goes.inline.map((policy) => ({
      text: m("stepInline", { name: policy }),
      run: () => policies.remove(policy),
      call: policyCall(entity, "delete", { name: policy }),
    })),
    {
      text: m("stepDelete", { name }),
      run: () => iam.send(new DeleteGroupCommand({ GroupName: name })),
      call: { service: "iam", command: "delete-group", options: { "group-name": name } },
    },
  ];
}

export const removeStep = (iam: IAMClient, group: string, user: string, text: string): Step => ({
  text,
  run: () => iam.send(new RemoveUserFromGroupCommand({ GroupName: group, UserName: user })),
  call: {
    service: "iam",
    command: "remove-user-from-group",
    options: { "group-name": group, "user-name": user },
  },
});

interface Props {
  name: string;
  onClose: () => void;
  onDeleted?: () => void;
}

export function DeleteGroup({ name, onClose, onDeleted }: Props) {
  const m = useMessages(messages);
  const iam = useIam();
  const goes = useRead(["iam", "group", name, "what-goes"], () => readWhatGoes(iam, name));
  return (
    <DeleteThing
      name={name}
      title={m("deleteTitle", { name })}
      warning={m("deleteText")}
      goes={goes}
      steps={goes.data && stepsOf(iam, name, goes.data, m)}
      done={m("deleted", { name })}
      invalidates={["iam"]}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}
