import { expect, test } from "vitest";
import { policyFor, problemOf, wantsNewCredentials, wantsReauthentication, type Denied } from "./errors";
import { SessionsError } from "./sessions";

const metadata = { requestId: "r-1", httpStatusCode: 403 };

/** An error as the SDK throws it. */
const thrown = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, $metadata: metadata, ...more });

const alice = "arn:aws:iam::111122223333:user/alice";

test.each([
  [
    "IAM's",
    `User: ${alice} is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::111122223333:user/ because no identity-based policy allows the iam:ListUsers action`,
    { action: "iam:ListUsers", resource: "arn:aws:iam::111122223333:user/", principal: alice, explicit: false },
  ],
  [
    "S3's, with quotes",
    `User: ${alice} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/a b" with an explicit deny in a service control policy`,
    { action: "s3:GetObject", resource: "arn:aws:s3:::b/a b", principal: alice, explicit: true },
  ],
  [
    "S3's, without a resource",
    `User: ${alice} is not authorized to perform: s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action`,
    { action: "s3:ListAllMyBuckets", resource: "", explicit: false },
  ],
  [
    "a federated user's",
    "Not authorized to perform sts:AssumeRoleWithSAML",
    { action: "sts:AssumeRoleWithSAML", resource: "" },
  ],
  ["a bare one", "Access Denied", { action: "", resource: "", message: "Access Denied" }],
])("a refusal is taken apart: %s", (_, message, expected) => {
  expect(problemOf(thrown("AccessDenied", message))).toMatchObject({ kind: "denied", requestId: "r-1", ...expected });
});

test("an encoded message is found in a refusal", () => {
  const message = "You are not authorized. Encoded authorization failure message: AbC_d-1";
  expect(problemOf(thrown("UnauthorizedOperation", message))).toMatchObject({ kind: "denied", encoded: "AbC_d-1" });
});

test.each([
  [thrown("ExpiredToken", "x"), "ended"],
  [thrown("InvalidAccessKeyId", "x"), "ended"],
  [thrown("NoSuchEntityException", "x", { $metadata: { httpStatusCode: 404 } }), "notFound"],
  [thrown("Throttling", "x", { $metadata: { httpStatusCode: 400 } }), "throttled"],
  [thrown("SlowDown", "x", { $metadata: { httpStatusCode: 503 } }), "throttled"],
  [new TypeError("Failed to fetch"), "network"],
  [thrown("LimitExceededException", "x", { $metadata: { httpStatusCode: 409 } }), "failed"],
  [new SessionsError(401, "SignedOut", ""), "ended"],
  [new SessionsError(403, "RoleRefused", "", ["no"]), "ended"],
  [new SessionsError(429, "TooManyRequests", ""), "throttled"],
  [new SessionsError(500, "InternalFailure", ""), "failed"],
  ["a text", "failed"],
  [undefined, "failed"],
])("%s is a problem of its kind", (error, kind) => {
  expect(problemOf(error).kind).toBe(kind);
});

test("the policy for an administrator has what was refused and nothing more", () => {
  const denied = problemOf(
    thrown(
      "AccessDenied",
      `User: ${alice} is not authorized to perform: iam:GetUser on resource: ${alice} because no identity-based policy allows the iam:GetUser action`,
    ),
  ) as Denied;
  expect(JSON.parse(policyFor(denied) ?? "")).toEqual({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "iam:GetUser", Resource: alice }],
  });
});

test("no policy is offered that would allow more than was refused, or could not help", () => {
  expect(policyFor(problemOf(thrown("AccessDenied", "Access Denied")) as Denied)).toBeUndefined();
  expect(
    policyFor(
      problemOf(thrown("AccessDenied", `User: ${alice} is not authorized to perform: s3:ListAllMyBuckets`)) as Denied,
    ),
  ).toBeUndefined();
  expect(
    policyFor(
      problemOf(
        thrown(
          "AccessDenied",
          `User: ${alice} is not authorized to perform: iam:GetUser on resource: ${alice} with an explicit deny in a service control policy`,
        ),
      ) as Denied,
    ),
  ).toBeUndefined();
});

// Rules: TH-90
test("only a refusal that begins so asks who is there", () => {
  expect(wantsReauthentication(thrown("AccessDenied", "Reauthentication required: a password …"))).toBe(true);
  expect(wantsReauthentication(thrown("AccessDeniedException", "Reauthentication required: a password …"))).toBe(true);
  expect(wantsReauthentication(thrown("AccessDenied", "bucket Reauthentication required: x"))).toBe(false);
  expect(wantsReauthentication(thrown("NoSuchEntity", "Reauthentication required:"))).toBe(false);
});

test("credentials that the server no longer takes are told from a refusal", () => {
  expect(wantsNewCredentials(thrown("ExpiredToken", ""))).toBe(true);
  expect(wantsNewCredentials(thrown("UnrecognizedClientException", ""))).toBe(true);
  expect(wantsNewCredentials(thrown("AccessDenied", ""))).toBe(false);
});
