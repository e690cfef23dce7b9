/** ARNs: taken apart, and where in the console the thing is that one names. */
import { path } from "./links";

export interface Arn {
  partition: string;
  service: string;
  region: string;
  account: string;
  resource: string;
}

export function parseArn(arn: string): Arn | undefined {
  const parts = /^arn:([^:]*):([^:]*):([^:]*):([^:]*):(.+)$/s.exec(arn);
  if (!parts) return undefined;
  const [, partition = "", service = "", region = "", account = "", resource = ""] = parts;
  return { partition, service, region, account, resource };
}

/** The last part of an ARN's resource: its name without path and type. */
export function arnName(arn: string): string {
  const resource = parseArn(arn)?.resource ?? arn;
  return resource.slice(resource.lastIndexOf("/") + 1);
}

/**
 * Returns the path, below a session of that account, of the page about what an ARN names; undefined where there is no
 * such page. Whether the ARN is of the session's account is the caller's to ask.
 */
export function arnPath(arn: string): string | undefined {
  const parsed = parseArn(arn);
  if (!parsed) return undefined;
  const { service, resource } = parsed;
  const [type = "", ...rest] = resource.split("/");
  const name = rest.at(-1) ?? "";
  if (service === "iam") {
    if (type === "user" && name) return path`/iam/users/${name}`;
    if (type === "group" && name) return path`/iam/groups/${name}`;
    if (type === "role" && name) return path`/iam/roles/${name}`;
    if (type === "policy" && name) return path`/iam/policies/${arn}`;
    if (type === "oidc-provider" || type === "saml-provider") return path`/iam/providers/${arn}`;
  }
  if (service === "sts" && type === "assumed-role" && rest[0]) return path`/iam/roles/${rest[0]}`;
  if (service === "s3" && type)
    return rest.length === 0 ? path`/s3/${type}` : path`/s3/${type}` + `/${rest.map(encodeURIComponent).join("/")}`;
  if (service === "organizations") {
    if (type === "account" && name) return path`/org/accounts/${name}`;
    if (type === "policy" && name) return path`/org/policies/${name}`;
    return "/org";
  }
  return undefined;
}
