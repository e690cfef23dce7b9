import { expect, test } from "vitest";
import { terraformOf, terraformProvider } from "./terraform";

const iam = (command: string, options: Parameters<typeof terraformOf>[0]["options"]) =>
  terraformOf({ service: "iam", command, options });

test("a thing that is made is a resource", () => {
  expect(iam("create-user", { "user-name": "alice", path: undefined, tags: ["Key=team,Value=a,b"] }))
    .toBe(`resource "aws_iam_user" "alice" {
  name = "alice"
  tags = {
    "team" = "a,b"
  }
}`);
  expect(iam("add-user-to-group", { "user-name": "alice", "group-name": "ops" })).toBe(
    `resource "aws_iam_user_group_membership" "alice_ops" {
  user   = "alice"
  groups = ["ops"]
}`,
  );
  expect(iam("create-login-profile", { "user-name": "a", password: "…", "no-password-reset-required": true })).toBe(
    `resource "aws_iam_user_login_profile" "a" {
  user                    = "a"
  password_reset_required = false
}`,
  );
});

test("variables of policies are none of Terraform's", () => {
  const text = '{"Resource": "arn:aws:s3:::b/${aws:username}"}';
  expect(iam("put-role-policy", { "role-name": "9 lives", "policy-name": "p", "policy-document": text })).toBe(
    `resource "aws_iam_role_policy" "this_9_lives_p" {
  role   = "9 lives"
  name   = "p"
  policy = <<EOT
{"Resource": "arn:aws:s3:::b/$\${aws:username}"}
EOT
}`,
  );
});

test("what changes a part of a thing, or takes it away, is none", () => {
  expect(iam("delete-user", { "user-name": "alice" })).toBeUndefined();
  expect(iam("update-role", { "role-name": "r" })).toBeUndefined();
  expect(iam("create-access-key", { "user-name": undefined })).toBeUndefined();
  expect(terraformOf({ service: "s3api", command: "create-user", options: {} })).toBeUndefined();
});

test("files, numbers and things without a name", () => {
  expect(iam("create-saml-provider", { name: "company", "saml-metadata-document": "file://metadata.xml" })).toContain(
    `saml_metadata_document = file("metadata.xml")`,
  );
  expect(iam("update-account-password-policy", { "minimum-password-length": "14", "require-symbols": true })).toBe(
    `resource "aws_iam_account_password_policy" "this" {
  minimum_password_length = 14
  require_symbols         = true
}`,
  );
});

test("the provider reaches this server", () => {
  expect(terraformProvider(["iam"], "http://127.0.0.1:8080", "alice", "us-east-1")).toBe(`provider "aws" {
  profile = "alice"
  region  = "us-east-1"
  endpoints {
    iam = "http://127.0.0.1:8080"
    sts = "http://127.0.0.1:8080"
  }
}`);
});
