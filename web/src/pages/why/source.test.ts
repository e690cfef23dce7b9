import { expect, test } from "vitest";
import type { Layer } from "@/aws/regent";
import { sourceOf } from "./source";

const own = "111122223333";

test.each<[Layer, string, string, object | undefined]>([
  ["identity", `arn:aws:iam::${own}:policy/ops/p`, "p", { kind: "managed", arn: `arn:aws:iam::${own}:policy/ops/p` }],
  [
    "boundary",
    "arn:aws:iam::aws:policy/ReadOnly",
    "ReadOnly",
    { kind: "managed", arn: "arn:aws:iam::aws:policy/ReadOnly" },
  ],
  ["identity", `arn:aws:iam::${own}:group/g`, "in", { kind: "inline", entity: "group", owner: "g", name: "in" }],
  ["identity", `arn:aws:iam::${own}:user/a/b`, "in", { kind: "inline", entity: "user", owner: "b", name: "in" }],
  ["trust", `arn:aws:iam::${own}:role/x/r`, "trust policy", { kind: "trust", role: "r" }],
  ["trust", "arn:aws:iam::444455556666:role/r", "trust policy", undefined], // IAM answers for its own account alone
  ["identity", "arn:aws:iam::444455556666:user/b", "in", undefined],
  ["resource", "arn:aws:s3:::bucket", "bucket policy", { kind: "bucket", bucket: "bucket" }],
  [
    "scp",
    `arn:aws:organizations::${own}:policy/o-1/service_control_policy/p-1`,
    "n",
    { kind: "organization", id: "p-1" },
  ],
  ["session", `arn:aws:sts::${own}:assumed-role/r/s`, "session policy", undefined],
  ["identity", "", "root", undefined],
])("%s: %s", (layer, PolicyArn, PolicyName, want) => {
  expect(sourceOf(layer, { Visible: true, PolicyArn, PolicyName }, own)).toEqual(want);
});
