/** A simulation as an archive that `regent policy test` runs. */
import type { ContextEntry } from "@/aws/iam";
import { arnName, parseArn } from "@/components/arn";
import type { Documents } from "./documents";
import type { Question, Row } from "./simulate";

/** archiveOf writes the archive. What service control policies stop is a comment: the archive has none of them. */
export function archiveOf(
  q: Question,
  rows: Row[],
  { documents, entries, account }: { documents: Documents; entries: ContextEntry[]; account: string },
): string {
  const all = [...documents.identity, ...(q.change.trim() === "" ? [] : [{ name: "change", text: q.change }])];
  const taken = new Set<string>();
  const files = all.map(({ name, text }) => file(`identity/${fileName(name, taken)}.json`, text));
  const boundary = q.boundary.trim() === "" ? documents.boundary?.text : q.boundary;
  if (boundary !== undefined) files.push(boundary === "" ? file("has-boundary", "") : file("boundary.json", boundary));
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
