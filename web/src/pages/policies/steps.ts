/** The calls that attach, detach and delete policies. */
import { DeletePolicyCommand, DeletePolicyVersionCommand, type IAMClient } from "@/aws/iam";
import type { Step } from "@/components/confirm-delete";
import { policiesOf, policyCall } from "@/components/permissions/entity";
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

/** attachStep gives a policy to somebody, or takes it from them. */
export function attachStep(iam: IAMClient, act: "attach" | "detach", arn: string, e: Entity, m: Words): Step {
  const entity = { kind: e.type, name: e.name };
  return {
    text: m(act === "attach" ? "stepAttach" : "stepDetach", { entity: m(`entity_${e.type}`, { name: e.name }) }),
    run: () => policiesOf(iam, entity)[act](arn),
    call: policyCall(entity, act, { arn }),
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
