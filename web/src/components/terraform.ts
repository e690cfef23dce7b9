/** Calls as resources of Terraform's AWS provider: those that make a whole thing, for resources are things. */
import { arnName } from "./arn";
import type { ApiCall } from "./snippet";

interface Resource {
  type: string;
  /** Attributes by option, where they are not called alike; "" leaves the option out, [] makes a list of it. */
  names?: Record<string, string>;
  fixed?: Record<string, string>;
}

const attachment = (owner: string): Resource => ({
  type: `aws_iam_${owner}_policy_attachment`,
  names: { [`${owner}-name`]: owner },
});

const inline = (owner: string): Resource => ({
  type: `aws_iam_${owner}_policy`,
  names: { [`${owner}-name`]: owner, "policy-name": "name", "policy-document": "policy" },
});

const resources: Record<string, Resource | undefined> = {
  "add-user-to-group": {
    type: "aws_iam_user_group_membership",
    names: { "user-name": "user", "group-name": "groups[]" },
  },
  "attach-group-policy": attachment("group"),
  "attach-role-policy": attachment("role"),
  "attach-user-policy": attachment("user"),
  "create-access-key": { type: "aws_iam_access_key", names: { "user-name": "user" } },
  "create-account-alias": { type: "aws_iam_account_alias" },
  "create-group": { type: "aws_iam_group", names: { "group-name": "name" } },
  "create-login-profile": { type: "aws_iam_user_login_profile", names: { "user-name": "user", password: "" } },
  "create-open-id-connect-provider": { type: "aws_iam_openid_connect_provider" },
  "create-policy": { type: "aws_iam_policy", names: { "policy-name": "name", "policy-document": "policy" } },
  "create-role": {
    type: "aws_iam_role",
    names: { "role-name": "name", "assume-role-policy-document": "assume_role_policy" },
  },
  "create-saml-provider": { type: "aws_iam_saml_provider" },
  "create-user": { type: "aws_iam_user", names: { "user-name": "name" } },
  "create-virtual-mfa-device": {
    type: "aws_iam_virtual_mfa_device",
    names: { "bootstrap-method": "", outfile: "" },
  },
  "enable-outbound-web-identity-federation": { type: "aws_iam_outbound_web_identity_federation" },
  "put-group-policy": inline("group"),
  "put-role-policy": inline("role"),
  "put-user-policy": inline("user"),
  "set-security-token-service-preferences": { type: "aws_iam_security_token_service_preferences" },
  "update-account-password-policy": { type: "aws_iam_account_password_policy" },
  "upload-signing-certificate": { type: "aws_iam_signing_certificate" },
  "upload-ssh-public-key": {
    type: "aws_iam_user_ssh_key",
    names: { "user-name": "username", "ssh-public-key-body": "public_key" },
    fixed: { encoding: "SSH" },
  },
};

/** Terraform reads ${…} and %{…} as its own, which policy variables are not. */
const escaped = (text: string) => text.replaceAll(/[$%](?=\{)/g, "$&$&");

const quoted = (text: string) => escaped(JSON.stringify(text));

function valueOf(attribute: string, value: string | string[] | boolean): string {
  if (typeof value === "boolean") return String(value);
  if (attribute === "tags") {
    const tags = [value].flat().map((tag) => /^Key=(.*?),Value=(.*)$/s.exec(tag) ?? []);
    return `{\n${tags.map(([, key = "", text = ""]) => `    ${quoted(key)} = ${quoted(text)}\n`).join("")}  }`;
  }
  if (Array.isArray(value)) return `[${value.map(quoted).join(", ")}]`;
  if (value.startsWith("file://")) return `file(${quoted(value.slice("file://".length))})`;
  if (/(^|_)policy$/.test(attribute)) return `<<EOT\n${escaped(value)}\nEOT`;
  return /^\d{1,6}$/.test(value) ? value : quoted(value);
}

/** Names what a call is about, so that no two resources of one form are called the same. */
function labelOf(options: ApiCall["options"]): string {
  const names = Object.entries(options).flatMap(([option, value]) => {
    if (typeof value !== "string") return [];
    if (option === "policy-arn") return arnName(value);
    return /^name$|-name$/.test(option) ? value : [];
  });
  const label = names.join("_").replaceAll(/[^\w-]/g, "_");
  return /^[a-z_]/i.test(label) ? label : `this${label && "_"}${label}`;
}

/** Returns the block of a resource; nothing where a call changes only a part of one, or takes it away. */
export function terraformOf({ service, command, options }: ApiCall): string | undefined {
  const resource = service === "iam" ? resources[command] : undefined;
  const needed = Object.entries(resource?.names ?? {}).filter(([, attribute]) => attribute !== "");
  // One's own keys name nobody, and Terraform wants a name.
  if (!resource || needed.some(([option]) => options[option] === undefined)) return undefined;
  const lines: [string, string][] = [];
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || value === false) continue;
    const off = option.startsWith("no-") && value === true;
    const name = off ? option.slice("no-".length) : option;
    const attribute = resource.names?.[name] ?? name.replaceAll("-", "_");
    if (attribute === "") continue;
    const list = attribute.endsWith("[]");
    const plain = list ? attribute.slice(0, -2) : attribute;
    lines.push([plain, valueOf(plain, off ? false : list ? [String(value)] : value)]);
  }
  for (const [attribute, value] of Object.entries(resource.fixed ?? {})) lines.push([attribute, quoted(value)]);
  const width = Math.max(0, ...lines.map(([attribute]) => attribute.length));
  const body = lines.map(([attribute, value]) => `  ${attribute.padEnd(width)} = ${value}\n`).join("");
  return `resource "${resource.type}" "${labelOf(options)}" {\n${body}}`;
}

/** The provider that reaches this server. */
export function terraformProvider(services: string[], endpoint: string, profile: string, region: string): string {
  const names = [...new Set([...services.map((s) => (s === "s3api" ? "s3" : s)), "sts"])];
  const width = Math.max(...names.map((name) => name.length));
  return [
    `provider "aws" {`,
    `  profile = ${quoted(profile)}`,
    `  region  = ${quoted(region)}`,
    ...(names.includes("s3") ? [`  s3_use_path_style = true`] : []),
    `  endpoints {`,
    ...names.map((name) => `    ${name.padEnd(width)} = ${quoted(endpoint)}`),
    `  }`,
    `}`,
  ].join("\n");
}
