/** "Let members assume a role": the statement that the users' side of a role needs. */
import type { Value } from "../model/edit";

export interface AssumeRole {
  /** 12 digits, or "*" for every account. */
  account: string;
  /** With their paths: "division/name". */
  roles: string[];
  mfa: boolean;
}

/** Names as IAM takes them, paths before them, and wildcards, of which the form warns. */
const name = /^([\x21-\x2e\x30-\x7e]+\/)*[\w+=,.@*?-]{1,64}$/;

/** isRoleName reports whether a role could have the name, path and all. */
export const isRoleName = (text: string) => name.test(text) && text.length <= 512;

/** rolesOf reads names, one on each line; ARNs and leading slashes are taken for the names in them. */
export const rolesOf = (text: string) => [
  ...new Set(
    text
      .split(/[\n,]/)
      .map((line) =>
        line
          .trim()
          .replace(/^arn:aws:iam::[\d*]*:role\//, "")
          .replace(/^\/+/, ""),
      )
      .filter((line) => line !== ""),
  ),
];

export const roleArn = (account: string, role: string) => `arn:aws:iam::${account}:role/${role}`;

/** assumeRoleStatement allows roles to be assumed, each by its own ARN. */
export function assumeRoleStatement({ account, roles, mfa }: AssumeRole): Value {
  const arns = roles.map((role) => roleArn(account, role));
  return {
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Resource: arns.length === 1 ? arns[0]! : arns,
    ...(mfa && { Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } }),
  };
}
