/** What "View as" shows, loaded when somebody looks. */
import Tabs from "@cloudscape-design/components/tabs";
import { useSession } from "@/aws";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import { shellQuote, Snippet, type ApiCall, type CallsProps } from "./snippet";
import { terraformOf, terraformProvider } from "./terraform";

export default function Calls({ calls, of }: CallsProps) {
  const m = useMessages(common);
  const { session: own, connection, region } = useSession();
  const session = of ?? own;
  const profile =
    session.kind === "role" ? session.displayName || session.roleName : session.userName || session.accountId;
  const cli = calls.map((call) => cliOf(call, connection.endpoint, profile)).join("\n\n");
  const known = calls.filter((call) => call.service !== "regent");
  const blocks = calls.flatMap((call) => call.terraform ?? terraformOf(call) ?? []);
  const services = calls.map((call) => call.service);
  const provider = terraformProvider(services, connection.endpoint, profile, region);
  return (
    <Tabs
      ariaLabel={m("viewAs")}
      tabs={[
        tab("cli", m("snippetCli"), cli),
        ...(known.length === 0 ? [] : [tab("sdk", m("snippetSdk"), pythonOf(known, connection.endpoint, profile))]),
        ...(blocks.length === 0 ? [] : [tab("terraform", m("snippetTerraform"), [provider, ...blocks].join("\n\n"))]),
      ]}
    />
  );
}

const tab = (id: string, label: string, text: string) => ({
  id,
  label,
  content: <Snippet text={text} name={label} />,
});

export function cliOf({ service, command, options }: ApiCall, endpoint: string, profile: string): string {
  const regent = service === "regent";
  const words = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    if (value === true) return [`--${name}`];
    const values = Array.isArray(value) ? value : [value];
    return [`--${name} ${values.map(shellQuote).join(" ")}`];
  });
  return [
    regent ? `regent ${command}` : `aws ${service} ${command}`,
    ...words,
    `--${regent ? "server" : "endpoint-url"} ${shellQuote(endpoint)}`,
    `--profile ${shellQuote(profile)}`,
  ].join(" \\\n  ");
}

export function pythonOf(calls: ApiCall[], endpoint: string, profile: string): string {
  const text = (s: string) => JSON.stringify(s);
  const lines = [`import boto3`, ``, `session = boto3.Session(profile_name=${text(profile)})`];
  const clients = new Set<string>();
  for (const { service, command, options } of calls) {
    const client = service === "s3api" ? "s3" : service;
    const variable = client.replaceAll("-", "_");
    if (!clients.has(client)) {
      clients.add(client);
      lines.push(`${variable} = session.client(${text(client)}, endpoint_url=${text(endpoint)})`);
    }
    const given = Object.entries(options).flatMap(([name, value]) => {
      if (value === undefined) return [];
      const key = name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
      if (typeof value === "boolean") return [`${key}=${value ? "True" : "False"}`];
      return [`${key}=${Array.isArray(value) ? `[${value.map(text).join(", ")}]` : text(value)}`];
    });
    lines.push(`${variable}.${command.replaceAll("-", "_")}(${given.join(", ")})`);
  }
  return lines.join("\n");
}
