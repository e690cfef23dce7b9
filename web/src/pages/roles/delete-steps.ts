/** What hangs on a role, and the calls that take it away one after another: IAM deletes no role that has any of it. */
import { readAll } from "@/aws";
import {
  DeleteRoleCommand,
  DeleteServiceLinkedRoleCommand,
  GetRoleCommand,
  GetServiceLinkedRoleDeletionStatusCommand,
  ListInstanceProfilesForRoleCommand,
  RemoveRoleFromInstanceProfileCommand,
  type IAMClient,
} from "@/aws/iam";
import type { Step } from "@/components/confirm-delete";
import { policiesOf, policyCall, type Attached } from "@/components/permissions/entity";
import type { Texts } from "@/messages";
import type messages from "@/messages/en/roles";
import { isServiceLinked } from "./data";

export interface WhatGoes {
  /** The role belongs to a service, which takes away itself what hangs on it. */
  serviceLinked: boolean;
  lastUsed: Date | undefined;
  attached: Attached[];
  inline: string[];
  profiles: string[];
}

/** Reads all that hangs on a role. What may not be read may not be missing from the steps: then it fails. */
export async function readWhatGoes(iam: IAMClient, RoleName: string): Promise<WhatGoes> {
  const policies = policiesOf(iam, { kind: "role", name: RoleName });
  const [role, attached, inline, profiles] = await Promise.all([
    iam.send(new GetRoleCommand({ RoleName })),
    readAll(policies.attached),
    readAll(policies.inline),
    readAll(async (Marker) => {
      const page = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName, Marker }));
      return { items: (page.InstanceProfiles ?? []).map((p) => p.InstanceProfileName ?? ""), next: page.Marker };
    }),
  ]);
  return {
    serviceLinked: isServiceLinked(role.Role?.Path ?? "/"),
    lastUsed: role.Role?.RoleLastUsed?.LastUsedDate,
    attached,
    inline,
    profiles,
  };
}

/** Asks the service to let its role go, and waits for its answer (IA-46). */
async function deleteServiceLinked(iam: IAMClient, RoleName: string): Promise<void> {
  const { DeletionTaskId } = await iam.send(new DeleteServiceLinkedRoleCommand({ RoleName }));
  for (let wait = 200; ; wait = Math.min(wait * 2, 3000)) {
    const answer = await iam.send(new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId }));
    if (answer.Status === "SUCCEEDED") return;
    if (answer.Status === "FAILED") throw new Error(answer.Reason?.Reason ?? "");
    await new Promise((done) => setTimeout(done, wait));
  }
}

export function stepsOf(iam: IAMClient, name: string, goes: WhatGoes, m: Texts<typeof messages.messages>): Step[] {
  const entity = { kind: "role" as const, name };
  const policies = policiesOf(iam, entity);
  const call = (command: string, options: Record<string, string> = {}) => ({
    service: "iam",
    command,
    options: { "role-name": name, ...options },
  });
  if (goes.serviceLinked) {
    return [
      {
        text: m("stepDelete", { name }),
        run: () => deleteServiceLinked(iam, name),
        call: call("delete-service-linked-role"),
      },
    ];
  }
  return [
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
    ...goes.profiles.map((profile) => ({
      text: m("stepProfile", { name: profile }),
      run: () => iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: profile, RoleName: name })),
      call: call("remove-role-from-instance-profile", { "instance-profile-name": profile }),
    })),
    {
      text: m("stepDelete", { name }),
      run: () => iam.send(new DeleteRoleCommand({ RoleName: name })),
      call: call("delete-role"),
    },
  ];
}
