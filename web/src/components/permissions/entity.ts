/** The policies of a user, a role or a group: IAM has the same operations for each, under other names. */
import {
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  DeleteGroupPolicyCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetGroupPolicyCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  type IAMClient,
} from "@/aws/iam";
import type { ReadPage } from "@/aws";
import type { ApiCall } from "../snippet";
import { documentText } from "../trust";

export type EntityKind = "user" | "role" | "group";

export interface Entity {
  kind: EntityKind;
  name: string;
}

export interface Attached {
  name: string;
  arn: string;
}

export interface EntityPolicies {
  attached: ReadPage<Attached>;
  inline: ReadPage<string>;
  get: (policy: string) => Promise<string>;
  put: (policy: string, document: string) => Promise<unknown>;
  remove: (policy: string) => Promise<unknown>;
  attach: (arn: string) => Promise<unknown>;
  detach: (arn: string) => Promise<unknown>;
}

/** The keys of what is read of an entity's policies: ["iam", "role", name, "policies", …]. */
export const policiesKey = ({ kind, name }: Entity) => ["iam", kind, name, "policies"];

export const isPolicyName = (name: string) => /^[\w+=,.@-]{1,128}$/.test(name);

const rows = (list: { PolicyName?: string; PolicyArn?: string }[] | undefined): Attached[] =>
  (list ?? []).map((p) => ({ name: p.PolicyName ?? "", arn: p.PolicyArn ?? "" }));

const document = async (answer: Promise<{ PolicyDocument?: string }>) => documentText((await answer).PolicyDocument);

const pageSize = 1000;

/** Returns what reads and writes an entity's policies. */
export function policiesOf(iam: IAMClient, entity: Entity): EntityPolicies {
  switch (entity.kind) {
    case "user":
      return ofUser(iam, entity.name);
    case "role":
      return ofRole(iam, entity.name);
    case "group":
      return ofGroup(iam, entity.name);
  }
}

function ofUser(iam: IAMClient, UserName: string): EntityPolicies {
  return {
    attached: async (Marker) => {
      const page = await iam.send(new ListAttachedUserPoliciesCommand({ UserName, Marker, MaxItems: pageSize }));
      return { items: rows(page.AttachedPolicies), next: page.Marker };
    },
    inline: async (Marker) => {
      const page = await iam.send(new ListUserPoliciesCommand({ UserName, Marker, MaxItems: pageSize }));
      return { items: page.PolicyNames ?? [], next: page.Marker };
    },
    get: (PolicyName) => document(iam.send(new GetUserPolicyCommand({ UserName, PolicyName }))),
    put: (PolicyName, PolicyDocument) => iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument })),
    remove: (PolicyName) => iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName })),
    attach: (PolicyArn) => iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn })),
    detach: (PolicyArn) => iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn })),
  };
}

function ofRole(iam: IAMClient, RoleName: string): EntityPolicies {
  return {
    attached: async (Marker) => {
      const page = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName, Marker, MaxItems: pageSize }));
      return { items: rows(page.AttachedPolicies), next: page.Marker };
    },
    inline: async (Marker) => {
      const page = await iam.send(new ListRolePoliciesCommand({ RoleName, Marker, MaxItems: pageSize }));
      return { items: page.PolicyNames ?? [], next: page.Marker };
    },
    get: (PolicyName) => document(iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))),
    put: (PolicyName, PolicyDocument) => iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument })),
    remove: (PolicyName) => iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })),
    attach: (PolicyArn) => iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn })),
    detach: (PolicyArn) => iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })),
  };
}

function ofGroup(iam: IAMClient, GroupName: string): EntityPolicies {
  return {
    attached: async (Marker) => {
      const page = await iam.send(new ListAttachedGroupPoliciesCommand({ GroupName, Marker, MaxItems: pageSize }));
      return { items: rows(page.AttachedPolicies), next: page.Marker };
    },
    inline: async (Marker) => {
      const page = await iam.send(new ListGroupPoliciesCommand({ GroupName, Marker, MaxItems: pageSize }));
      return { items: page.PolicyNames ?? [], next: page.Marker };
    },
    get: (PolicyName) => document(iam.send(new GetGroupPolicyCommand({ GroupName, PolicyName }))),
    put: (PolicyName, PolicyDocument) => iam.send(new PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument })),
    remove: (PolicyName) => iam.send(new DeleteGroupPolicyCommand({ GroupName, PolicyName })),
    attach: (PolicyArn) => iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn })),
    detach: (PolicyArn) => iam.send(new DetachGroupPolicyCommand({ GroupName, PolicyArn })),
  };
}

type Act = "attach" | "detach" | "put" | "delete";

/** The same as a call that can be shown: aws iam attach-role-policy … */
export function policyCall(
  entity: Entity,
  act: Act,
  policy: { arn?: string; name?: string; document?: string },
): ApiCall {
  return {
    service: "iam",
    command: `${act}-${entity.kind}-policy`,
    options: {
      [`${entity.kind}-name`]: entity.name,
      "policy-arn": policy.arn,
      "policy-name": policy.name,
      "policy-document": policy.document,
    },
  };
}
