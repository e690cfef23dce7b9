import { expect, test } from "vitest";
import { cliProfile, pythonRole, roleWithPath, switchLink } from "./switch-link";

const role = { account: "111122223333", alias: "prod", role: "s3-admin" };
const arn = "arn:aws:iam::111122223333:role/ops/s3-admin";
const plain = { mfa: false, externalId: undefined, users: "444455556666" };

// Rules: CO-10 CO-11
test("a switch-role link has the account, the role with its path, and a display name", () => {
  expect(switchLink("http://127.0.0.1:8700", role)).toBe(
    "http://127.0.0.1:8700/_regent/signin/switchrole?account=prod&roleName=s3-admin&displayName=s3-admin+%40+prod",
  );
  expect(
    switchLink("https://r.example", { account: "111122223333", alias: "", role: roleWithPath("/ops/", "x") }),
  ).toBe(
    "https://r.example/_regent/signin/switchrole?account=111122223333&roleName=ops%2Fx&displayName=x+%40+111122223333",
  );
  expect(roleWithPath("/", "x")).toBe("x");
});

// Rules: SE-2 SE-3
test("a profile says profile in lower case and asks for 30 minutes", () => {
  expect(cliProfile(arn, "http://127.0.0.1:8700", "us-east-1", "dev", plain).split("\n")).toEqual([
    "[profile s3-admin]",
    `role_arn = ${arn}`,
    "source_profile = dev",
    "endpoint_url = http://127.0.0.1:8700",
    "region = us-east-1",
    "duration_seconds = 1800",
  ]);
});

// Rules: SE-5 SE-6
test("a profile has what the trust policy asks for", () => {
  const profile = cliProfile(arn, "http://h", "us-east-1", "dev", { ...plain, mfa: true, externalId: "e-1" });
  expect(profile).toContain("\nmfa_serial = arn:aws:iam::444455556666:mfa/YOUR-DEVICE\nexternal_id = e-1");
  const python = pythonRole(arn, "http://h", "us-east-1", "dev", { ...plain, mfa: true, externalId: "e-1" });
  expect(python).toContain('    ExternalId="e-1",');
  expect(python).toContain("    TokenCode=input(");
});
