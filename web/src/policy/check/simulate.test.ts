import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { catalogFetch } from "../test-catalog";
import { simulate, type Question } from "./simulate";

beforeEach(() => vi.stubGlobal("fetch", catalogFetch));
afterEach(() => vi.unstubAllGlobals());

const text = '{\n "Statement": [\n  {"Sid": "A"},\n  {"Sid": "B"}]}';
const question: Question = { text, kind: "identity", action: "s3:GetObject", resource: "*", caller: "", context: {} };

function answering(result: object) {
  const asked: object[] = [];
  const send = async ({ input }: { input: object }) => {
    asked.push(input);
    return { EvaluationResults: [result] };
  };
  return { iam: { send } as never, asked: () => asked[0] };
}

it("finds the statements that decided by their places", async () => {
  const { iam, asked } = answering({
    EvalDecision: "allowed",
    MatchedStatements: [
      { SourcePolicyId: "PolicyInputList.1", StartPosition: { Line: 4, Column: 4 } },
      { SourcePolicyId: "other", StartPosition: { Line: 3, Column: 4 } },
    ],
    MissingContextValues: ["aws:SourceIp"],
  });
  const decision = await simulate(iam, question);
  expect(decision).toEqual({ text, outcome: "allowed", statements: [1], missing: ["aws:SourceIp"] });
  expect(asked()).toEqual({
    PolicyInputList: [text],
    ActionNames: ["s3:GetObject"],
    ResourceArns: ["*"],
    ContextEntries: [],
  });
});

it("takes what it does not understand for a no", async () => {
  expect((await simulate(answering({ EvalDecision: "maybe" }).iam, question)).outcome).toBe("implicitDeny");
  const nothing = { send: async () => ({}) } as never;
  expect((await simulate(nothing, question)).outcome).toBe("implicitDeny");
});

it("tries ceilings below a policy that allows everything", async () => {
  const { iam, asked } = answering({
    EvalDecision: "explicitDeny",
    MatchedStatements: [
      { SourcePolicyId: "PermissionsBoundaryPolicyInputList.1", StartPosition: { Line: 3, Column: 4 } },
    ],
  });
  expect((await simulate(iam, { ...question, kind: "boundary" })).statements).toEqual([0]);
  expect(asked()).toMatchObject({ PermissionsBoundaryPolicyInputList: [text] });
});

it("asks of resource policies for a user", async () => {
  const { iam, asked } = answering({ EvalDecision: "implicitDeny" });
  const caller = "arn:aws:iam::111122223333:user/alice";
  await simulate(iam, { ...question, kind: "bucket", caller });
  expect(asked()).toMatchObject({ ResourcePolicy: text, CallerArn: caller });
});

it("gives keys the types that they have", async () => {
  const { iam, asked } = answering({ EvalDecision: "allowed" });
  const context = {
    "aws:SourceIp": "203.0.113.1",
    "aws:MultiFactorAuthPresent": "true",
    "aws:TagKeys": "a",
    "s3:prefix": "a\nb",
    "aws:PrincipalTag/team": "red",
    unknown: "x",
    empty: "",
  };
  await simulate(iam, { ...question, context });
  const types = (asked() as { ContextEntries: { ContextKeyName: string; ContextKeyType: string }[] }).ContextEntries;
  expect(Object.fromEntries(types.map((e) => [e.ContextKeyName, e.ContextKeyType]))).toEqual({
    "aws:SourceIp": "ip",
    "aws:MultiFactorAuthPresent": "boolean",
    "aws:TagKeys": "stringList",
    "s3:prefix": "stringList",
    "aws:PrincipalTag/team": "string",
    unknown: "string",
  });
});
