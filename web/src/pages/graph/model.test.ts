import { expect, test } from "vitest";
import type { TrustEdge } from "@/aws/regent";
import { badgesOf, graphOf, statusOf } from "./model";

const edge = (Principal: string, RoleArn: string, more: Partial<TrustEdge> = {}): TrustEdge => ({
  Principal,
  PrincipalType: "USER",
  RoleArn,
  Action: "sts:AssumeRole",
  Status: "ALLOWED",
  Conditions: [],
  Unknown: [],
  ...more,
});

const user = (n: number) => `arn:aws:iam::111122223333:user/u${n}`;
const role = (n: number) => `arn:aws:iam::444455556666:role/r${n}`;

test("things are drawn once, in the frame of their account, with what a request needs", () => {
  const mfa = edge(user(1), role(1), { Conditions: [{ Key: "aws:MultiFactorAuthPresent", Value: "true" }] });
  const graph = graphOf([{ edges: [mfa, edge(role(1), role(2), { PrincipalType: "ROLE" })] }, { edges: [mfa] }]);
  expect(graph.things.map((t) => [t.label, t.account])).toEqual([
    ["r1", "444455556666"],
    ["r2", "444455556666"],
    ["u1", "111122223333"],
  ]);
  expect(graph.connections.map((c) => c.badges)).toEqual([["MFA"], []]);
  expect(graph.grouped).toBe(false);
});

test("of more than can be drawn, those of an account that only assume are one, and the rest is said to be cut", () => {
  const many = Array.from({ length: 30 }, (_, n) => ({ edges: [edge(user(n), role(1))] }));
  const graph = graphOf(many, 20);
  expect(graph.grouped).toBe(true);
  expect(graph.things.map((t) => t.count)).toEqual([1, 30]);
  expect(graph.cut).toBe(0);
  const roles = Array.from({ length: 30 }, (_, n) => ({ edges: [edge(user(1), role(n))] }));
  expect(graphOf(roles, 20)).toMatchObject({ grouped: true, cut: 11 });
});

test("a path is as good as its worst edge", () => {
  const unknown = edge(role(1), role(2), { Status: "UNKNOWN" });
  expect(statusOf({ edges: [edge(user(1), role(1)), unknown] })).toBe("UNKNOWN");
  expect(statusOf({ edges: [unknown, edge(role(2), role(3), { Status: "BLOCKED" })] })).toBe("BLOCKED");
  expect(badgesOf([edge(user(1), role(1), { Conditions: [{ Key: "sts:ExternalId", Value: "x" }] })])).toEqual([
    "ExternalId",
  ]);
});
