import { expect, test } from "vitest";
import { textsOf } from "@/messages";
import messages from "@/messages/en/users";
import { createSteps, namesFault, namesIn } from "./create-steps";

test("names stand one a line, and what is wrong with them is said", () => {
  expect(namesIn(" alice \n\nbob\n")).toEqual(["alice", "bob"]);
  expect(namesFault(["alice", "bob"])).toBeUndefined();
  expect(namesFault([])).toEqual({ kind: "missing" });
  expect(namesFault(["al ice"])).toEqual({ kind: "wrong", name: "al ice" });
  expect(namesFault(["alice", "Alice"])).toEqual({ kind: "twice", name: "Alice" });
  expect(namesFault(Array.from({ length: 51 }, (_, i) => `u${i}`))).toEqual({ kind: "many" });
});

test("whoever can sign in finds their permissions in place, and no password is shown as a call", async () => {
  const sent: { name: string; input: Record<string, unknown> }[] = [];
  const iam = {
    send: async (command: { constructor: { name: string }; input: Record<string, unknown> }) =>
      sent.push({ name: command.constructor.name, input: command.input }),
  };
  const wanted = {
    names: ["alice", "bob"],
    path: "/",
    console: true,
    force: true,
    groups: ["dev"],
    policies: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    boundary: undefined,
    tags: [{ Key: "team", Value: "x" }],
  };
  const passwords = new Map([
    ["alice", "secret-a"],
    ["bob", "secret-b"],
  ]);
  const m = textsOf(messages, { locale: "en", translations: {} });
  const steps = createSteps(iam as never, wanted, passwords, m);
  for (const step of steps) await step.run();
  expect(sent.map((s) => `${s.name} ${String(s.input.UserName)}`)).toEqual(
    ["alice", "bob"].flatMap((name) =>
      ["CreateUserCommand", "AddUserToGroupCommand", "AttachUserPolicyCommand", "CreateLoginProfileCommand"].map(
        (command) => `${command} ${name}`,
      ),
    ),
  );
  expect(sent.at(-1)?.input).toMatchObject({ Password: "secret-b", PasswordResetRequired: true });
  expect(JSON.stringify(steps.map((s) => s.call))).not.toContain("secret");
});
