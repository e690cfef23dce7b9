/** A small catalog for tests, and what answers requests for it. */
import type { Globals, Service } from "./catalog";

export const s3: Service = {
  prefix: "s3",
  name: "Amazon S3",
  actions: [
    { name: "GetObject", access: "Read", resources: [{ type: "object", required: true }], keys: ["s3:authType"] },
    { name: "ListBucket", access: "List", resources: [{ type: "bucket", required: true }], keys: ["s3:prefix"] },
    { name: "PutObject", access: "Write", resources: [{ type: "object", required: true }] },
  ],
  resources: [
    { name: "bucket", pattern: "arn:${Partition}:s3:::${BucketName}" },
    { name: "object", pattern: "arn:${Partition}:s3:::${BucketName}/${ObjectName}" },
  ],
  keys: [
    { name: "s3:prefix", type: "String" },
    { name: "s3:authType", type: "String" },
  ],
};

export const globals: Globals = {
  keys: [
    { name: "aws:SourceIp", type: "IPAddress", about: "network" },
    { name: "aws:MultiFactorAuthPresent", type: "Bool", about: "session" },
    { name: "aws:TagKeys", type: "ArrayOfString", about: "request" },
    { name: "aws:PrincipalTag/${TagKey}", type: "String", about: "principal" },
    { name: "aws:username", type: "String", about: "principal" },
  ],
  operators: ["StringEquals", "StringNotEquals", "StringLike", "IpAddress", "Bool", "Null"],
};

const files: Record<string, unknown> = {
  services: {
    services: [
      { prefix: "iam", name: "AWS IAM" },
      { prefix: "s3", name: "Amazon S3" },
    ],
  },
  global: globals,
  s3,
  "policies/s3": { policies: { AmazonS3FullAccess: { actions: ["s3:*"] }, PowerUserAccess: { notActions: [[]] } } },
};

/** Answers as the server does. */
export function catalogFetch(url: string): Promise<Response> {
  const name = /catalog\/(.*)\.json$/.exec(url)?.[1] ?? "";
  const known = name in files;
  return Promise.resolve(
    new Response(known ? JSON.stringify(files[name]) : "not found", { status: known ? 200 : 404 }),
  );
}
