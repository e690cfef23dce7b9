/** A simulation as an archive that `regent policy test` runs. */
import { readAll } from "@/aws";
import { GetAccountAuthorizationDetailsCommand, type ContextEntry, type IAMClient } from "@/aws/iam";
import { arnName, parseArn } from "@/components/arn";
import { documentText } from "@/components/trust";
import type { Question, Row } from "./simulate";

export interface Documents {
  identity: { name: string; text: string }[];
  boundary?: string;
}

/** documentsOf reads the policies of a user, group or role, those of a user's groups with them. */
export async function documentsOf(iam: Pick<IAMClient, "send">, arn: string): Promise<Documents> {
  const pages = await readAll(async (Marker) => {
    const page = await iam.send(new GetAccountAuthorizationDetailsCommand({ Marker, MaxItems: 1000 }));
    return { items: [page], next: page.Marker };
  });
  const users = pages.flatMap((p) => p.UserDetailList ?? []);
  const groups = pages.flatMap((p) => p.GroupDetailList ?? []);
  const roles = pages.flatMap((p) => p.RoleDetailList ?? []);
  const managed = new Map(
    pages
      .flatMap((p) => p.Policies ?? [])
      .map((p) => [p.Arn, documentText(p.PolicyVersionList?.find((v) => v.IsDefaultVersion)?.Document)] as const),
  );
  const user = users.find((u) => u.Arn === arn);
  const role = roles.find((r) => r.Arn === arn);
  const owners = [
    { inline: user?.UserPolicyList, attached: user?.AttachedManagedPolicies },
    { inline: role?.RolePolicyList, attached: role?.AttachedManagedPolicies },
    ...groups
      .filter((g) => g.Arn === arn || user?.GroupList?.includes(g.GroupName ?? ""))
      .map((g) => ({ inline: g.GroupPolicyList, attached: g.AttachedManagedPolicies })),
  ];
  const identity = owners.flatMap((o) => [
    ...(o.inline ?? []).map((p) => ({ name: p.PolicyName ?? "", text: documentText(p.PolicyDocument) })),
    ...(o.attached ?? []).map((p) => ({ name: p.PolicyName ?? "", text: managed.get(p.PolicyArn) ?? "" })),
  ]);
  const boundary = (user ?? role)?.PermissionsBoundary?.PermissionsBoundaryArn;
  return { identity, boundary: boundary === undefined ? undefined : (managed.get(boundary) ?? "") };
}

/** archiveOf writes the archive. What service control policies stop is a comment: the archive has none of them. */
export function archiveOf(
  q: Question,
  rows: Row[],
  { documents, entries, account }: { documents: Documents; entries: ContextEntry[]; account: string },
): string {
  const all = [...documents.identity, ...(q.change.trim() === "" ? [] : [{ name: "change", text: q.change }])];
  const taken = new Set<string>();
  const files = all.map(({ name, text }) => file(`identity/${fileName(name, taken)}.json`, text));
  if (documents.boundary !== undefined) {
    files.push(documents.boundary === "" ? file("has-boundary", "") : file("boundary.json", documents.boundary));
  }
  const context = entries.map(({ ContextKeyName: key, ContextKeyType: type, ContextKeyValues: values = [] }) => {
    return `${key} = ${JSON.stringify(type?.endsWith("List") ? values : values[0])}`;
  });
  const requests = rows.map((row) => {
    const answer = row.changed ?? row.now;
    const comment = answer.organization === false ? "# stopped by a service control policy: " : "";
    return `${comment}${row.action} ${row.resource} -> ${answer.outcome}`;
  });
  return [
    `${q.principal === "" ? "Policies" : `The policies of ${q.principal}`}, as the simulator decided by them.\n`,
    ...files,
    file("principal", principalOf(q.principal, account)),
    ...(context.length === 0 ? [] : [file("context", context.join("\n"))]),
    file("requests", requests.join("\n")),
  ].join("");
}

const file = (name: string, text: string) => `-- ${name} --\n${text === "" ? "" : `${text.trimEnd()}\n`}`;

/** Two policies may have the same name: one of the user and one of a group. */
function fileName(name: string, taken: Set<string>): string {
  const plain = name.replaceAll(/[^\w.-]/g, "_");
  let free = plain;
  for (let n = 2; taken.has(free); n++) free = `${plain}-${n}`;
  taken.add(free);
  return free;
}

function principalOf(arn: string, account: string): string {
  const own = parseArn(arn);
  if (!own) return `kind user\naccount ${account}\narn arn:aws:iam::${account}:user/simulated`;
  if (!own.resource.startsWith("role/")) return `kind user\naccount ${own.account}\narn ${arn}`;
  const session = `arn:aws:sts::${own.account}:assumed-role/${arnName(arn)}/simulated`;
  return `kind session\naccount ${own.account}\narn ${session}\nissuer ${arn}`;
}
