/** Ways to a role: the link that switches to it, and what programs are told. */

export interface RoleName {
  account: string;
  alias: string;
  /** Its name with its path, without a leading slash (CO-11). */
  role: string;
  arn: string;
}

/** Returns a role's name as switch-role links have it, from its path and name. */
export const roleWithPath = (path: string, name: string) => `${path.replace(/^\//, "")}${name}`;

/** The part of a switch-role link after the question mark (CO-10). */
export function switchQuery({ account, alias, role }: Omit<RoleName, "arn">): string {
  const display = `${role.slice(role.lastIndexOf("/") + 1)} @ ${alias || account}`;
  return new URLSearchParams({
    account: alias || account,
    roleName: role,
    displayName: display.slice(0, 64),
  }).toString();
}

/** A link that anybody can be given: whoever opens it signs in first, if need be. */
export const switchLink = (origin: string, role: Omit<RoleName, "arn">) =>
  `${origin}/_regent/signin/switchrole?${switchQuery(role)}`;

export interface ProfileNeeds {
  mfa: boolean;
  externalId: string | undefined;
  /** The account of the users, where it is one only. */
  users: string | undefined;
}

/**
 * A profile for ~/.aws/config. The word is "profile" in lower case (SE-2), the endpoint reaches the AssumeRole too, and
 * sessions last 30 minutes (SE-3), or as long as the role lets them if that is less.
 */
export function cliProfile(arn: string, endpoint: string, region: string, source: string, needs: ProfileNeeds): string {
  const name = arn.slice(arn.lastIndexOf("/") + 1);
  const lines = [
    `[profile ${name}]`,
    `role_arn = ${arn}`,
    `source_profile = ${source}`,
    `endpoint_url = ${endpoint}`,
    `region = ${region}`,
    `duration_seconds = 1800`,
  ];
  if (needs.mfa) lines.push(`mfa_serial = arn:aws:iam::${needs.users ?? "ACCOUNT-ID"}:mfa/YOUR-DEVICE`);
  if (needs.externalId !== undefined) lines.push(`external_id = ${needs.externalId}`);
  return lines.join("\n");
}

/** The same without a profile, for boto3. */
export function pythonRole(arn: string, endpoint: string, region: string, source: string, needs: ProfileNeeds): string {
  const text = (s: string) => JSON.stringify(s);
  const options = [`RoleArn=${text(arn)}`, `RoleSessionName="my-name"`, `DurationSeconds=1800`];
  if (needs.externalId !== undefined) options.push(`ExternalId=${text(needs.externalId)}`);
  if (needs.mfa) {
    options.push(
      `SerialNumber="arn:aws:iam::${needs.users ?? "ACCOUNT-ID"}:mfa/YOUR-DEVICE"`,
      `TokenCode=input("MFA code: ")`,
    );
  }
  return [
    `import boto3`,
    ``,
    `at = {"endpoint_url": ${text(endpoint)}, "region_name": ${text(region)}}`,
    `sts = boto3.Session(profile_name=${text(source)}).client("sts", **at)`,
    `role = sts.assume_role(`,
    ...options.map((option) => `    ${option},`),
    `)["Credentials"]`,
    `s3 = boto3.client(`,
    `    "s3",`,
    `    aws_access_key_id=role["AccessKeyId"],`,
    `    aws_secret_access_key=role["SecretAccessKey"],`,
    `    aws_session_token=role["SessionToken"],`,
    `    **at,`,
    `)`,
  ].join("\n");
}

/** How the holder of a token of an identity provider gets a session. */
export function federatedCall(kind: "web" | "saml", arn: string, provider: string, endpoint: string): string {
  const lines =
    kind === "web"
      ? [
          `aws sts assume-role-with-web-identity`,
          `--role-arn ${arn}`,
          `--role-session-name my-name`,
          `--web-identity-token file://token.jwt`,
        ]
      : [
          `aws sts assume-role-with-saml`,
          `--role-arn ${arn}`,
          `--principal-arn ${provider}`,
          `--saml-assertion file://response.b64`,
        ];
  return [...lines, `--endpoint-url ${endpoint}`].join(" \\\n  ");
}

/** What the users' side needs: the other half of a trust policy. */
export function assumeRolePolicy(arn: string): string {
  const statement = { Effect: "Allow", Action: "sts:AssumeRole", Resource: arn };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] }, null, 2);
}
