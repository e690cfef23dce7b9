import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { blanksOf, fill, ofType, take, typeOf } from "./arns";

const bucket = "arn:${Partition}:s3:::${BucketName}";
const object = "arn:${Partition}:s3:::${BucketName}/${ObjectName}";
const role = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}";

/** The ARN patterns of every service's resource types. */
function patterns(): string[] {
  const data = join(fileURLToPath(import.meta.url), "../../../../../catalog/data/service-authorization.ndjson.gz");
  return gunzipSync(readFileSync(data))
    .toString("utf8")
    .trimEnd()
    .split("\n")
    .flatMap((line) => {
      const { resources } = JSON.parse(line) as { resources?: Record<string, { arn: string }> };
      return Object.values(resources ?? {}).map((r) => r.arn);
    });
}

it("fills in what is said and leaves the rest open", () => {
  const blanks = blanksOf(object);
  expect(blanks.map((b) => b.name)).toEqual(["Partition", "BucketName", "ObjectName"]);
  expect(fill(object, {})).toBe("arn:aws:s3:::*/*");
  expect(fill(object, { [blanks[1]!.id]: " reports ", [blanks[2]!.id]: "2026/*" })).toBe("arn:aws:s3:::reports/2026/*");
});

it("takes an ARN apart as it was put together, for every type of resource there is", () => {
  const all = patterns();
  expect(all.length).toBeGreaterThan(2000);
  for (const pattern of all) {
    const values = Object.fromEntries(
      blanksOf(pattern).map((b) => [b.id, b.name === "Partition" ? "aws" : `v${b.id}`]),
    );
    const arn = fill(pattern, values);
    // Of two blanks side by side nobody knows where one ends.
    const taken = take(pattern, arn);
    if (pattern.includes("}${")) expect(taken && fill(pattern, taken), pattern).toBe(arn);
    else expect(taken, pattern).toEqual(values);
    expect(ofType(pattern, arn), pattern).toBe(true);
    expect(ofType(pattern, "*"), pattern).toBe(true);
  }
});

it.each([
  [bucket, "arn:aws:s3:::b", true],
  [object, "arn:aws:s3:::b/k/l", true],
  [object, "arn:aws:s3:::b", false],
  [role, "arn:aws:iam::111122223333:role/division/name", true],
  [role, "arn:aws:iam::111122223333:user/name", false],
])("knows of which type an ARN is by its form", (pattern, arn, taken) => {
  expect(take(pattern, arn) !== undefined).toBe(taken);
});

it.each([
  [bucket, "arn:aws:s3:::*", true],
  [object, "arn:aws:s3:::*", true],
  [object, "arn:aws:s3:::b*", true],
  [object, "arn:aws:s3:::${aws:username}/*", true],
  [role, "arn:aws:iam::*:role/*", true],
  [role, "arn:aws:s3:::b", false],
  [role, "arn:aws:iam", false],
  [role, "arn:aws:iam:*:111122223333:role/x", true],
])("knows which patterns may name a resource of a type", (pattern, arn, may) => {
  expect(ofType(pattern, arn)).toBe(may);
});

it("tells an object from a bucket", () => {
  const types = [{ pattern: bucket }, { pattern: object }, { pattern: role }];
  expect(typeOf(types, "arn:aws:s3:::b")?.pattern).toBe(bucket);
  expect(typeOf(types, "arn:aws:s3:::b/*")?.pattern).toBe(object);
  expect(typeOf(types, "arn:aws:iam::*:role/*")?.pattern).toBe(role);
  expect(typeOf(types, "arn:aws:sqs:::q")).toBeUndefined();
});
