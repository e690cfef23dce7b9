import { expect, test } from "vitest";
import type { IAMClient } from "@/aws/iam";
import { textsOf } from "@/messages";
import messages from "@/messages/en/roles";
import { readWhatGoes, stepsOf } from "./delete-steps";

const texts = textsOf(messages, { locale: "en", translations: {} });

/** A server that answers by the names of calls, and remembers those that write. */
function server(answers: Record<string, object[]>) {
  const wrote: string[] = [];
  const send = (command: { constructor: { name: string } }) => {
    const name = command.constructor.name.replace(/Command$/, "");
    if (!/^(Get|List)/.test(name)) wrote.push(name);
    const [answer = {}, ...rest] = answers[name] ?? [];
    if (rest.length > 0) answers[name] = rest;
    return Promise.resolve(answer);
  };
  return { iam: { send } as unknown as IAMClient, wrote };
}

// Rules: IA-41
test("what hangs on a role goes before the role, from all pages of the lists", async () => {
  const { iam, wrote } = server({
    GetRole: [{ Role: { Path: "/" } }],
    ListAttachedRolePolicies: [
      { AttachedPolicies: [{ PolicyName: "a", PolicyArn: "arn:a" }], Marker: "more" },
      { AttachedPolicies: [{ PolicyName: "b", PolicyArn: "arn:b" }] },
    ],
    ListRolePolicies: [{ PolicyNames: ["inline"] }],
    ListInstanceProfilesForRole: [{ InstanceProfiles: [{ InstanceProfileName: "web" }] }],
  });
  for (const step of stepsOf(iam, "r", await readWhatGoes(iam, "r"), texts)) await step.run();
  expect(wrote).toEqual([
    "DetachRolePolicy",
    "DetachRolePolicy",
    "DeleteRolePolicy",
    "RemoveRoleFromInstanceProfile",
    "DeleteRole",
  ]);
});

// Rules: IA-46
test("a service-linked role is asked of its service, whose answer is waited for", async () => {
  const { iam, wrote } = server({
    GetRole: [{ Role: { Path: "/aws-service-role/autoscaling.amazonaws.com/" } }],
    ListAttachedRolePolicies: [{ AttachedPolicies: [{ PolicyName: "a", PolicyArn: "arn:a" }] }],
    GetServiceLinkedRoleDeletionStatus: [{ Status: "IN_PROGRESS" }, { Status: "FAILED", Reason: { Reason: "in use" } }],
  });
  const steps = stepsOf(iam, "r", await readWhatGoes(iam, "r"), texts);
  expect(steps).toHaveLength(1);
  await expect(steps[0]?.run()).rejects.toThrow("in use");
  expect(wrote).toEqual(["DeleteServiceLinkedRole"]);
});
