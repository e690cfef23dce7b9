import { expect, test } from "vitest";
import type { IAMClient } from "@/aws/iam";
import { textsOf } from "@/messages";
import messages from "@/messages/en/create-role";
import { emptyDraft, type Draft } from "./draft";
import { actsOf, perform, undoOf } from "./run";

const texts = textsOf(messages, { locale: "en", translations: {} });

const draft: Draft = {
  ...emptyDraft,
  name: "s3-admin",
  path: "/ops/",
  account: { ...emptyDraft.account, id: "444455556666", requireMfa: true },
  policies: ["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
  inline: [{ name: "more", document: "{}" }],
  tags: [{ Key: "team", Value: "ops" }],
};

/** A server that takes calls until one of a name, which it refuses. */
function server(refuses = "") {
  const calls: string[] = [];
  const iam = {
    send: (command: { constructor: { name: string }; input: object }) => {
      const name = command.constructor.name.replace(/Command$/, "");
      if (name === refuses) return Promise.reject(new Error(name));
      calls.push(name);
      return Promise.resolve(
        name === "CreateRole" ? { Role: { Arn: "arn:aws:iam::111122223333:role/ops/s3-admin" } } : {},
      );
    },
  } as unknown as IAMClient;
  return { iam, calls, acts: () => actsOf(iam, draft, "111122223333", texts) };
}

test("a role is made before what hangs on it, and each call is shown as it is made", async () => {
  const { calls, acts } = server();
  const made = await perform(acts(), null, () => {});
  expect(calls).toEqual(["CreateRole", "AttachRolePolicy", "PutRolePolicy"]);
  expect(made.arn).toBe("arn:aws:iam::111122223333:role/ops/s3-admin");
  expect(acts().map((a) => a.call.command)).toEqual(["create-role", "attach-role-policy", "put-role-policy"]);
  expect(acts()[0]?.call.options).toMatchObject({ path: "/ops/", tags: ["Key=team,Value=ops"] });
});

test("when a later call fails the role stays, and finishing does only what is left", async () => {
  const failing = server("AttachRolePolicy");
  let made: Draft["made"] = null;
  await expect(perform(failing.acts(), null, (now) => (made = now))).rejects.toThrow("AttachRolePolicy");
  expect(failing.calls).toEqual(["CreateRole"]);
  expect(made).toEqual({ arn: "arn:aws:iam::111122223333:role/ops/s3-admin", done: ["role"] });

  const mended = server();
  const done = await perform(mended.acts(), made, () => {});
  expect(mended.calls).toEqual(["AttachRolePolicy", "PutRolePolicy"]);
  expect(done.arn).toBe("arn:aws:iam::111122223333:role/ops/s3-admin");
});

test("undoing takes away what was done and nothing else, the role last", async () => {
  const { calls, acts } = server();
  for (const step of undoOf(acts(), { arn: "", done: ["role", "inline more"] })) await step.run();
  expect(calls).toEqual(["DeleteRolePolicy", "DeleteRole"]);
});

test("nothing is made when the first call fails", async () => {
  const { calls, acts } = server("CreateRole");
  let told = 0;
  await expect(perform(acts(), null, () => told++)).rejects.toThrow();
  expect([calls, told]).toEqual([[], 0]);
});
