import { expect, test } from "vitest";
import type { ContextEntry, SimulateCustomPolicyCommandInput } from "@/aws/iam";
import { archiveOf } from "./archive";
import { layersOf, simulate, type Answer, type Question, type Row } from "./simulate";

const question: Question = {
  principal: "",
  documents: ['{"Version":"2012-10-17","Statement":[]}'],
  boundary: "",
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
      { id: "user_u_p", name: "p", text: question.documents[0] ?? "" },
      { id: "group_g_p", name: "p", text: "{}" },
    ],
    boundary: { id: "b", name: "b", text: "" },
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

test("a boundary that was pasted takes the place of the present one", () => {
  const documents = { identity: [], boundary: { id: "b", name: "b", text: "{}" } };
  const text = archiveOf({ ...question, boundary: '{"Version":"1"}' }, [row], { documents, entries, account });
  expect(text).toContain('-- boundary.json --\n{"Version":"1"}\n');
});

test("documents and boundaries stand where the simulator wants them, and are known by its names for them", async () => {
  const inputs: SimulateCustomPolicyCommandInput[] = [];
  const send = async ({ input }: { input: SimulateCustomPolicyCommandInput }) => {
    inputs.push(input);
    const MatchedStatements = [
      { SourcePolicyId: "PolicyInputList.2", StartPosition: { Line: 3, Column: 5 } },
      { SourcePolicyId: "PermissionsBoundaryPolicyInputList.1", StartPosition: { Line: 1, Column: 2 } },
    ];
    return { EvaluationResults: [{ EvalActionName: "s3:GetObject", EvalDecision: "explicitDeny", MatchedStatements }] };
  };
  const asked = { ...question, context: {}, boundary: "B" };
  const custom = await simulate({ send } as never, { ...asked, documents: ["1", "2"], change: "" });
  expect(inputs.map((i) => [i.PolicyInputList, i.PermissionsBoundaryPolicyInputList])).toEqual([[["1", "2"], ["B"]]]);
  expect(custom[0]?.now.matched.map((s) => s.pasted)).toEqual([
    { part: "document", number: 2, text: "2" },
    { part: "boundary", number: 1, text: "B" },
  ]);
  inputs.length = 0;
  const [changed] = await simulate({ send } as never, { ...asked, principal: "arn:aws:iam::111122223333:user/u" });
  // Of somebody, both are the change.
  expect(inputs.map((i) => [i.PolicyInputList, i.PermissionsBoundaryPolicyInputList])).toEqual([
    [[], undefined],
    [[question.change], ["B"]],
  ]);
  expect(changed?.now.matched.map((s) => s.pasted)).toEqual([undefined, undefined]);
});

test("a layer says what an answer tells of it, and no more", () => {
  const said = (answer: Partial<Answer>) =>
    layersOf({ outcome: "implicitDeny", matched: [], missing: [], ...answer }).map((l) => l.verdict);
  const statement = { policy: "p", line: 1, column: 2 };
  const bound = { ...statement, pasted: { part: "boundary", number: 1, text: "" } as const };
  expect(said({ outcome: "allowed", organization: true })).toEqual(["passes", "absent", "allows"]);
  expect(said({})).toEqual(["absent", "absent", "lacks"]);
  expect(said({ boundary: false })).toEqual(["absent", "stops", "undecided"]);
  expect(said({ outcome: "explicitDeny", organization: false })).toEqual(["stops", "absent", "undecided"]);
  expect(said({ outcome: "explicitDeny", matched: [statement], boundary: true })).toEqual([
    "absent",
    "passes",
    "denies",
  ]);
  expect(said({ outcome: "explicitDeny", matched: [bound], boundary: false })).toEqual([
    "absent",
    "stops",
    "undecided",
  ]);
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
