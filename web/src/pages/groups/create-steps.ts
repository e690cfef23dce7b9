/** What creating a group does, call by call. */
import { AddUserToGroupCommand, CreateGroupCommand, type IAMClient } from "@/aws/iam";
import { arnName } from "@/components/arn";
import type { Step } from "@/components/confirm-delete";
import { policiesOf, policyCall } from "@/components/permissions/entity";
import type { Texts } from "@/messages";
import type messages from "@/messages/en/groups";

export interface Wanted {
  name: string;
  path: string;
  users: string[];
  policies: string[];
}

/** Policies come before users: nobody is in the group while it may not yet do what it is for. */
export function createSteps(iam: IAMClient, wanted: Wanted, m: Texts<typeof messages.messages>): Step[] {
  const { name, path, users, policies } = wanted;
  const entity = { kind: "group" as const, name };
  const { attach } = policiesOf(iam, entity);
  return [
    {
      text: m("stepCreate", { name }),
      run: () => iam.send(new CreateGroupCommand({ GroupName: name, Path: path })),
      call: {
        service: "iam",
        command: "create-group",
        options: { "group-name": name, path: path === "/" ? undefined : path },
      },
    },
    ...policies.map((arn) => ({
      text: m("stepAttach", { name: arnName(arn) }),
      run: () => attach(arn),
      call: policyCall(entity, "attach", { arn }),
    })),
    ...users.map((user) => ({
      text: m("stepUser", { name: user }),
      run: () => iam.send(new AddUserToGroupCommand({ GroupName: name, UserName: user })),
      call: {
        service: "iam",
        command: "add-user-to-group",
        options: { "group-name": name, "user-name": user },
      },
    })),
  ];
}
