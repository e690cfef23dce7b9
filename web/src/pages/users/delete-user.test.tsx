import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { denied, renderRoutes, serviceError, type Answers } from "@/test/render";
import { routes } from "./routes";

/** A user with one of everything, and what was done to it. */
function bob(overrides: Answers = {}) {
  const did: string[] = [];
  const note =
    (operation: string) =>
    (input: Record<string, string>): object => {
      const { UserName: _, ...rest } = input;
      did.push([operation, ...Object.values(rest)].join(" "));
      return {};
    };
  const user = {
    UserName: "bob",
    Arn: "arn:aws:iam::111122223333:user/bob",
    PermissionsBoundary: { PermissionsBoundaryArn: "arn:aws:iam::aws:policy/B" },
  };
  const answers: Answers = {
    GetUser: () => ({ User: user }),
    ListAttachedUserPolicies: () => ({
      AttachedPolicies: [{ PolicyName: "P", PolicyArn: "arn:aws:iam::aws:policy/P" }],
    }),
    ListUserPolicies: () => ({ PolicyNames: ["inline"] }),
    ListGroupsForUser: () => ({ Groups: [{ GroupName: "ops" }] }),
    ListAccessKeys: () => ({ AccessKeyMetadata: [{ AccessKeyId: "AKIA1" }] }),
    ListMFADevices: () => ({
      MFADevices: [{ SerialNumber: "arn:aws:iam::111122223333:mfa/bob" }, { SerialNumber: "GAHT1" }],
    }),
    ListSigningCertificates: () => ({ Certificates: [] }),
    ListSSHPublicKeys: () => ({ SSHPublicKeys: [] }),
    ListServiceSpecificCredentials: () => ({}),
    GetLoginProfile: () => ({ LoginProfile: { UserName: "bob" } }),
    ListUserTags: () => ({ Tags: [] }),
    ListUsers: () => ({ Users: [] }),
    ...Object.fromEntries(
      [
        "DeleteLoginProfile",
        "DeleteAccessKey",
        "DeactivateMFADevice",
        "DeleteVirtualMFADevice",
        "DetachUserPolicy",
        "DeleteUserPolicy",
        "DeleteUserPermissionsBoundary",
        "RemoveUserFromGroup",
        "DeleteUser",
      ].map((operation) => [operation, note(operation) as Answers[string]]),
    ),
    ...overrides,
  };
  return { did, answers };
}

async function openDialog(answers: Answers) {
  const user = userEvent.setup();
  const view = renderRoutes(routes, { at: "/iam/users/bob", answers });
  await user.click((await screen.findAllByRole("button", { name: "Delete" }))[0] as HTMLElement);
  return { ...view, user, dialog: within(await screen.findByRole("dialog")) };
}

test("a user goes with all that hangs on it, what gives access first", async () => {
  const { did, answers } = bob();
  const { user, dialog, router, notices } = await openDialog(answers);
  await user.type(dialog.getByRole("textbox"), "bob");
  await user.click(dialog.getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/~k3f9abcd/iam/users"));
  expect(did).toEqual([
    "DeleteLoginProfile",
    "DeleteAccessKey AKIA1",
    "DeactivateMFADevice arn:aws:iam::111122223333:mfa/bob",
    "DeleteVirtualMFADevice arn:aws:iam::111122223333:mfa/bob",
    "DeactivateMFADevice GAHT1",
    "DetachUserPolicy arn:aws:iam::aws:policy/P",
    "DeleteUserPolicy inline",
    "DeleteUserPermissionsBoundary",
    "RemoveUserFromGroup ops",
    "DeleteUser",
  ]);
  expect(notices.success).toHaveBeenCalledWith("User bob is deleted.");
});

test("what may not be read is not passed over: nothing is deleted", async () => {
  const { did, answers } = bob({
    ListAccessKeys: () => {
      throw denied("iam:ListAccessKeys", "arn:aws:iam::111122223333:user/bob");
    },
  });
  const { user, dialog } = await openDialog(answers);
  expect(await dialog.findByText(/You may not iam:ListAccessKeys/)).toBeTruthy();
  await user.type(dialog.getByRole("textbox"), "bob{Enter}");
  expect(did).toEqual([]);
});

test("a user without a password has one step less", async () => {
  const { answers } = bob({
    GetLoginProfile: () => {
      throw serviceError("NoSuchEntityException", "none", 404);
    },
  });
  const { dialog } = await openDialog(answers);
  expect(await dialog.findByText("Delete access key AKIA1")).toBeTruthy();
  expect(dialog.queryByText("Delete the password")).toBeNull();
});
