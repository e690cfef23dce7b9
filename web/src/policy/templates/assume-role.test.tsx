import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { renderElement } from "@/test/render";
import { assumeRoleStatement, isRoleName, rolesOf } from "./assume-role";
import { AssumeRoleForm } from "./assume-role-form";

test("roles are allowed by their exact ARNs", () => {
  expect(assumeRoleStatement({ account: "111122223333", roles: ["s3-admin"], mfa: false })).toEqual({
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Resource: "arn:aws:iam::111122223333:role/s3-admin",
  });
  expect(assumeRoleStatement({ account: "111122223333", roles: ["a", "division/b"], mfa: true })).toEqual({
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Resource: ["arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/division/b"],
    Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
  });
});

test("names of roles are read from lines, ARNs among them", () => {
  expect(rolesOf(" a \n/b/c, a\narn:aws:iam::111122223333:role/d/e\n\n")).toEqual(["a", "b/c", "d/e"]);
  expect(["a", "division_abc/roleX", "a+b=c,d.@-_"].every(isRoleName)).toBe(true);
  expect(["", "a b", "a/", "x".repeat(65), "ä"].some(isRoleName)).toBe(false);
});

async function fill(account: string, roles: string) {
  const onStatement = vi.fn();
  const answers = { ListAccounts: () => ({ Accounts: [{ Id: "444455556666", Name: "Production" }] }) };
  renderElement(<AssumeRoleForm onStatement={onStatement} tried />, { answers });
  await waitFor(() => expect(onStatement).toHaveBeenCalled());
  fireEvent.change(screen.getByPlaceholderText("111122223333"), { target: { value: account } });
  fireEvent.change(screen.getByPlaceholderText("s3-admin"), { target: { value: roles } });
  return onStatement;
}

test("an account is meant by its id, its alias or its name", { timeout: 20_000 }, async () => {
  const onStatement = await fill("1111-2222-3333", "s3-admin");
  const resource = (account: string) => expect.objectContaining({ Resource: `arn:aws:iam::${account}:role/s3-admin` });
  expect(onStatement).toHaveBeenLastCalledWith(resource("111122223333"));
  for (const [named, id] of [
    ["dev", "111122223333"],
    ["production", "444455556666"],
  ] as const) {
    fireEvent.change(screen.getByPlaceholderText("111122223333"), { target: { value: named } });
    await waitFor(() => expect(onStatement).toHaveBeenLastCalledWith(resource(id)));
  }
  fireEvent.change(screen.getByPlaceholderText("111122223333"), { target: { value: "stranger" } });
  expect(onStatement).toHaveBeenLastCalledWith(undefined);
});

test("roles of every account are let be assumed only by whoever says so", { timeout: 20_000 }, async () => {
  const onStatement = await fill("*", "admin");
  expect(screen.getByText(/lets the members assume roles of every account/)).toBeTruthy();
  expect(onStatement).toHaveBeenLastCalledWith(undefined);
  fireEvent.click(screen.getByLabelText("I want every account"));
  expect(onStatement).toHaveBeenLastCalledWith(expect.objectContaining({ Resource: "arn:aws:iam::*:role/admin" }));
});

test("a name that no role can have is no name", { timeout: 20_000 }, async () => {
  const onStatement = await fill("111122223333", "s3 admin");
  expect(screen.getByText("s3 admin cannot be the name of a role.")).toBeTruthy();
  expect(onStatement).toHaveBeenLastCalledWith(undefined);
});
