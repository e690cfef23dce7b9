import { expect, test } from "vitest";
import type { ContextEntry } from "@/aws/iam";
import { archiveOf } from "./archive";
import { simulate, type Question, type Row } from "./simulate";

const question: Question = {
  principal: "",
  document: '{"Version":"2012-10-17","Statement":[]}',
  change: '{"Version":"2012-10-17"}',
  actions: ["s3:GetObject"],
  resources: ["arn:aws:s3:::b/k"],
  context: { "aws:SourceIp": "10.0.0.1", "aws:TagKeys": "a\nb", "aws:username": "" },
};

const account = "111122223333";
const entries: ContextEntry[] = [
  { ContextKeyName: "aws:SourceIp", ContextKeyType: "ip", ContextKeyValues: ["10.0.0.1"] },
  { ContextKeyName: "aws:TagKeys", ContextKeyType: "stringList", ContextKeyValues: ["a"] },
];

const answer = { outcome: "implicitDeny", matched: [], missing: [] } as const;
const row: Row = {
  action: "s3:GetObject",
  resource: "arn:aws:s3:::b/k",
  now: { ...answer, matched: [], missing: [] },
  changed: { outcome: "allowed", matched: [], missing: [] },
};

test("an archive has the documents, the context that was given and the decisions with the change", () => {
  const documents = {
    identity: [
      { name: "p", text: question.document },
      { name: "p", text: "{}" },
    ],
    boundary: "",
  };
  expect(archiveOf(question, [row], { documents, entries, account })).toBe(`Policies, as the simulator decided by them.
-- identity/p.json --
{"Version":"2012-10-17","Statement":[]}
-- identity/p-2.json --
{}
-- identity/change.json --
{"Version":"2012-10-17"}
-- has-boundary --
-- principal --
kind user
account 111122223333
arn arn:aws:iam::111122223333:user/simulated
-- context --
aws:SourceIp = "10.0.0.1"
aws:TagKeys = ["a"]
-- requests --
s3:GetObject arn:aws:s3:::b/k -> allowed
`);
});

test("what a service control policy stops is a comment, for the archive has none of those", () => {
  const stopped: Row = { ...row, changed: undefined, now: { ...row.now, organization: false } };
  expect(archiveOf(question, [stopped], { documents: { identity: [] }, entries, account })).toContain("\n# stopped by");
});

test("a row for each resource, with the decision of the change beside that of now", async () => {
  const send = async (command: { input: { PolicyInputList: string[] } }) => ({
    EvaluationResults: [
      {
        EvalActionName: "s3:GetObject",
        EvalDecision: "implicitDeny",
        ResourceSpecificResults: [
          {
            EvalResourceName: "arn:aws:s3:::b/k",
            EvalResourceDecision: command.input.PolicyInputList.length > 1 ? "allowed" : "whatever",
          },
        ],
      },
    ],
  });
  const rows = await simulate({ send } as never, { ...question, context: {} });
  expect(rows.map((r) => [r.resource, r.now.outcome, r.changed?.outcome])).toEqual([
    ["arn:aws:s3:::b/k", "implicitDeny", "allowed"],
  ]);
});
