import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { alice, denied, renderElement } from "@/test/render";
import { ToDos } from "./to-dos";

const day = 86_400_000;
const key = (AccessKeyId: string, Status: string, days: number) => ({
  AccessKeyId,
  Status,
  CreateDate: new Date(Date.now() - days * day),
});

test("what may not be read hides none of what may", async () => {
  renderElement(<ToDos />, {
    answers: {
      ListMFADevices: () => {
        throw denied("iam:ListMFADevices", alice.arn);
      },
      ListAccessKeys: () => ({ AccessKeyMetadata: [key("AKIAOLD", "Active", 120), key("AKIAOFF", "Inactive", 1)] }),
    },
  });
  await screen.findByText("The access key AKIAOLD is 120 days old.");
  expect(screen.getByText(/AKIAOFF is inactive/)).toBeTruthy();
  expect(screen.getByText(/You may not iam:ListMFADevices/)).toBeTruthy();
});

test("nothing is to be done where a device is there and no key is old", async () => {
  renderElement(<ToDos />, {
    answers: {
      ListMFADevices: () => ({ MFADevices: [{ SerialNumber: "x" }] }),
      ListAccessKeys: () => ({ AccessKeyMetadata: [key("AKIANEW", "Active", 3)] }),
    },
  });
  await screen.findByText("Nothing to do: MFA is on and no key is old.");
});

test("root is told of every key that it has", async () => {
  renderElement(<ToDos />, {
    session: { session: { ...alice, kind: "root", userName: "" } },
    answers: {
      ListMFADevices: () => ({ MFADevices: [] }),
      ListAccessKeys: () => ({ AccessKeyMetadata: [key("AKIAROOT", "Active", 1)] }),
    },
  });
  await screen.findByText(/The root user has the access key AKIAROOT/);
  expect(screen.getByText(/The root user has no MFA device/)).toBeTruthy();
  expect(screen.getByText(/You are the root user/)).toBeTruthy();
});
