/** The calls that attach, detach and delete policies. */
import {
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  type IAMClient,
} from "@/aws/iam";
import type { Step } from "@/components/confirm-delete";
import type { ApiCall } from "@/components/snippet";
import type { Texts } from "@/messages";
import type messages from "@/messages/en/policies";
import { readEntities, readVersions, type Entity } from "./reading";

type Words = Texts<(typeof messages)["messages"]>;

export interface WhatGoes {
  entities: Entity[];
  /** All but the default one, which goes with the policy. */
  versions: string[];
}

export async function readWhatGoes(iam: IAMClient, arn: string): Promise<WhatGoes> {
  const [entities, versions] = await Promise.all([readEntities(iam, arn), readVersions(iam, arn)]);
  return { entities, versions: versions.filter((v) => !v.IsDefaultVersion).map((v) => v.VersionId ?? "") };
}

type Act = "attach" | "detach";

const commands = {
  user: {
    attach: (iam: IAMClient, UserName: string, PolicyArn: string) =>
      iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn })),
    detach: (iam: IAMClient, UserName: string, PolicyArn: string) =>
      iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn })),
  },
  group: {
    attach: (iam: IAMClient, GroupName: string, PolicyArn: string) =>
      iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn })),
    detach: (iam: IAMClient, GroupName: string, PolicyArn: string) =>
      iam.send(new DetachGroupPolicyCommand({ GroupName, PolicyArn })),
  },
  role: {
    attach: (iam: IAMClient, RoleName: string, PolicyArn: string) =>
      iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn })),
    detach: (iam: IAMClient, RoleName: string, PolicyArn: string) =>
      iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })),
  },
};

const call = (act: Act, e: Entity, arn: string): ApiCall => ({
  service: "iam",
  command: `${act}-${e.type}-policy`,
  options: { [`${e.type}-name`]: e.name, "policy-arn": arn },
});

/** attachStep gives a policy to somebody, or takes it from them. */
export function attachStep(iam: IAMClient, act: Act, arn: string, e: Entity, m: Words): Step {
  return {
    text: m(act === "attach" ? "stepAttach" : "stepDetach", { entity: m(`entity_${e.type}`, { name: e.name }) }),
    run: () => commands[e.type][act](iam, e.name, arn),
    call: call(act, e, arn),
  };
}

export function deleteSteps(iam: IAMClient, arn: string, { entities, versions }: WhatGoes, m: Words): Step[] {
  return [
    ...entities.map((e) => attachStep(iam, "detach", arn, e, m)),
    ...versions.map((id) => ({
      text: m("stepVersion", { id }),
      run: () => iam.send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: id })),
      call: { service: "iam", command: "delete-policy-version", options: { "policy-arn": arn, "version-id": id } },
    })),
    {
      text: m("stepDelete"),
      run: () => iam.send(new DeletePolicyCommand({ PolicyArn: arn })),
      call: { service: "iam", command: "delete-policy", options: { "policy-arn": arn } },
    },
  ];
}
