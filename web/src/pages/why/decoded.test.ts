import { expect, test } from "vitest";
import { questionOf } from "./decoded";

const said = (arn: string, resource = "*") =>
  JSON.stringify({ allowed: false, context: { principal: { id: "x", arn }, action: "iam:ListRoles", resource } });

test("the simulator is asked about users, whose own policies it knows", () => {
  const user = "arn:aws:iam::111122223333:user/bob";
  expect(questionOf(said(user))?.toString()).toBe(
    new URLSearchParams({ principal: user, action: "iam:ListRoles" }).toString(),
  );
  expect(questionOf(said(user, "arn:aws:s3:::b"))?.get("resource")).toBe("arn:aws:s3:::b");
  expect(questionOf(said("arn:aws:sts::111122223333:assumed-role/r/s"))).toBeUndefined();
  expect(questionOf("no JSON")).toBeUndefined();
});
