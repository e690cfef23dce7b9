/** The policies that bear on a user, group or role, with the names that the simulator gives them. */
import { readAll } from "@/aws";
import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetUserCommand,
  ListGroupsForUserCommand,
  type IAMClient,
} from "@/aws/iam";
import { arnName, parseArn } from "@/components/arn";
import { policiesOf, type Entity } from "@/components/permissions/entity";
import { documentText } from "@/components/trust";

export interface Named {
  /** As the simulator names it: user_alice_guard of an inline policy, else the policy's own name. */
  id: string;
  name: string;
  text: string;
}

export interface Documents {
  identity: Named[];
  /** Its text is empty when the policy is gone. */
  boundary?: Named;
}

/** entityOf is whom the ARN of a user, group or role names. */
export function entityOf(arn: string): Entity {
  const type = parseArn(arn)?.resource.split("/")[0];
  const kind = (["role", "group"] as const).find((k) => k === type) ?? "user";
  return { kind, name: arnName(arn) };
}

/** documentsOf reads the policies of a user, group or role, those of a user's groups with them. */
export async function documentsOf(iam: IAMClient, arn: string): Promise<Documents> {
  const entity = entityOf(arn);
  const owners = [entity, ...(entity.kind === "user" ? await groupsOf(iam, entity.name) : [])];
  const identity: Named[] = [];
  for (const owner of owners) {
    const policies = policiesOf(iam, owner);
    for (const name of await readAll(policies.inline)) {
      identity.push({ id: `${owner.kind}_${owner.name}_${name}`, name, text: await policies.get(name) });
    }
    for (const { name, arn: of } of await readAll(policies.attached)) {
      identity.push({ id: name, name, text: await managedText(iam, of) });
    }
  }
  const boundary = await boundaryOf(iam, entity);
  if (boundary === undefined) return { identity };
  const text = await managedText(iam, boundary).catch((error: unknown) => {
    if ((error as Error).name === "NoSuchEntityException" || (error as Error).name === "NoSuchEntity") return "";
    throw error;
  });
  const name = arnName(boundary);
  return { identity, boundary: { id: name, name, text } };
}

async function groupsOf(iam: IAMClient, UserName: string): Promise<Entity[]> {
  const groups = await readAll(async (Marker) => {
    const page = await iam.send(new ListGroupsForUserCommand({ UserName, Marker }));
    return { items: page.Groups ?? [], next: page.Marker };
  });
  return groups.map((g) => ({ kind: "group", name: g.GroupName ?? "" }));
}

async function managedText(iam: IAMClient, PolicyArn: string): Promise<string> {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
  const version = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: Policy?.DefaultVersionId }));
  return documentText(version.PolicyVersion?.Document);
}

async function boundaryOf(iam: IAMClient, { kind, name }: Entity): Promise<string | undefined> {
  if (kind === "group") return undefined;
  const of =
    kind === "user"
      ? (await iam.send(new GetUserCommand({ UserName: name }))).User
      : (await iam.send(new GetRoleCommand({ RoleName: name }))).Role;
  return of?.PermissionsBoundary?.PermissionsBoundaryArn;
}

/** pastedDocuments are policies that were pasted, with names of their own. */
export const pastedDocuments = (texts: string[]): Documents => ({
  identity: texts.map((text, i) => ({ id: "", name: texts.length === 1 ? "policy" : `policy-${i + 1}`, text })),
});
