import { describe, expect, test } from "vitest";
import { grantsCover, grantsOf, isAction, typeOfPolicy } from "./all-policies";

test("a search for an action is told from one for a name", () => {
  for (const query of ["s3:PutObject", "s3:*", " iam:PassRole ", "execute-api:Invoke"])
    expect(isAction(query), query).toBe(true);
  for (const query of ["", "S3", "AmazonS3FullAccess", "s3:", ":x", "arn:aws:iam::aws:policy/X"]) {
    expect(isAction(query), query).toBe(false);
  }
});

describe("policies are found by action", () => {
  const document = (...Statement: object[]) => grantsOf(JSON.stringify({ Version: "2012-10-17", Statement }));

  test.each([
    ["an exact action", [{ Effect: "Allow", Action: "s3:PutObject", Resource: "*" }], "s3:PutObject", true],
    ["in any case", [{ Effect: "Allow", Action: ["S3:putobject"], Resource: "*" }], "s3:PutObject", true],
    ["a pattern", [{ Effect: "Allow", Action: "s3:Put*", Resource: "*" }], "s3:PutObject", true],
    ["a pattern that is sought", [{ Effect: "Allow", Action: "s3:PutObject", Resource: "*" }], "s3:Put*", true],
    ["another action", [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }], "s3:PutObject", false],
    ["what is denied", [{ Effect: "Deny", Action: "s3:PutObject", Resource: "*" }], "s3:PutObject", false],
    ["all but others", [{ Effect: "Allow", NotAction: ["iam:*"], Resource: "*" }], "s3:PutObject", true],
    ["all but it", [{ Effect: "Allow", NotAction: ["s3:*", "iam:*"], Resource: "*" }], "s3:PutObject", false],
  ])("%s", (_, statements, action, found) => expect(grantsCover(document(...statements), action)).toBe(found));

  test("one statement that stands alone, and no policy at all", () => {
    expect(grantsOf('{"Statement": {"Effect": "Allow", "Action": "s3:*"}}').actions).toEqual(["s3:*"]);
    expect(grantsCover(grantsOf("{"), "s3:PutObject")).toBe(false);
    expect(grantsCover(undefined, "s3:PutObject")).toBe(false);
  });
});

test("whose a managed policy is", () => {
  expect(typeOfPolicy("arn:aws:iam::aws:policy/AmazonS3FullAccess")).toBe("aws");
  expect(typeOfPolicy("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")).toBe("job");
  expect(typeOfPolicy("arn:aws:iam::111122223333:policy/mine")).toBe("customer");
});
