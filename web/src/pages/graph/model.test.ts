import { expect, test } from "vitest";
import { badgesOf, graphOf, statusOf, type Edge } from "./model";

const edge = (Principal: string, RoleArn: string, more: Partial<Edge> = {}): Edge => ({
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
const group = (name: string) => `arn:aws:iam::111122223333:group/${name}`;
const mfa = { Conditions: [{ Key: "aws:MultiFactorAuthPresent", Value: "true" }] };

test("things are drawn once, in the frame of their account, with what a request needs", () => {
  const first = edge(user(1), role(1), mfa);
  const graph = graphOf([{ edges: [first, edge(role(1), role(2), { PrincipalType: "ROLE" })] }, { edges: [first] }]);
  expect(graph.things.map((t) => [t.label, t.account])).toEqual([
    ["r1", "444455556666"],
    ["r2", "444455556666"],
    ["u1", "111122223333"],
  ]);
  expect(graph.connections.map((c) => c.terms)).toEqual([[{ needs: ["MFA"] }], [{ needs: [] }]]);
  expect(graph.grouped).toBe(false);
});

test("who comes to a role by a group is its member, and comes there through it", () => {
  const graph = graphOf([
    { edges: [edge(user(1), role(1), { GrantedBy: [group("g")] })] },
    { edges: [edge(user(2), role(1), { GrantedBy: [group("g"), user(2)], ...mfa })] },
    { edges: [edge(user(3), role(1), { GrantedBy: [user(3)] })] },
  ]);
  expect(graph.things.filter((t) => t.kind === "GROUP").map((t) => [t.label, t.account])).toEqual([
    ["g", "111122223333"],
  ]);
  const name = (id: string) => id.slice(id.lastIndexOf("/") + 1);
  expect(graph.connections.map((c) => `${name(c.from)} ${c.act} ${name(c.to)}`)).toEqual([
    "u1 member g",
    "g assume r1",
    "u2 member g",
    "u2 assume r1",
    "u3 assume r1",
  ]);
  expect(graph.connections.find((c) => c.from === group("g"))?.terms).toEqual([{ needs: [] }, { needs: ["MFA"] }]);
});

test("what is refused says by what, and what only that leads to is dim", () => {
  const blocked: Partial<Edge> = { Status: "BLOCKED", BlockedBy: "scp", Decision: "explicitDeny" };
  const graph = graphOf([{ edges: [edge(user(1), role(1), blocked)] }, { edges: [edge(user(1), role(2))] }]);
  expect(graph.things.filter((t) => t.dim).map((t) => t.label)).toEqual(["r1"]);
  expect(graph.connections.map((c) => [c.status, c.terms])).toEqual([
    ["BLOCKED", [{ refusedBy: "scp" }]],
    ["ALLOWED", [{ needs: [] }]],
  ]);
});

test("a resource is reached, not assumed", () => {
  const object = "arn:aws:s3:::bucket/key";
  const graph = graphOf([{ edges: [edge(user(1), object, { Action: "s3:GetObject" })] }]);
  expect(graph.things.map((t) => [t.kind, t.label])).toContainEqual(["RESOURCE", "key"]);
  expect(graph.connections.map((c) => [c.act, c.action])).toEqual([["reach", "s3:GetObject"]]);
});

test("of more than can be drawn, those of a kind and account are one, and the rest is said to be cut", () => {
  const many = Array.from({ length: 30 }, (_, n) => ({ edges: [edge(user(n), role(1))] }));
  const graph = graphOf(many, [], 20);
  expect(graph).toMatchObject({ grouped: true, cut: 0 });
  expect(graph.things.map((t) => t.count)).toEqual([1, 30]);

  const roles = Array.from({ length: 30 }, (_, n) => ({ edges: [edge(user(1), role(n))] }));
  const fanned = graphOf(roles, [user(1)], 20);
  expect(fanned).toMatchObject({ grouped: true, cut: 0 });
  expect(fanned.things.map((t) => [t.kind, t.count])).toEqual([
    ["USER", 1],
    ["ROLE", 30],
  ]);
  expect(fanned.connections).toHaveLength(1);

  const far = Array.from({ length: 30 }, (_, n) => ({
    edges: [edge(user(1), `arn:aws:iam::${100000000000 + n}:role/r`)],
  }));
  expect(graphOf(far, [user(1)], 20)).toMatchObject({ grouped: true, cut: 11 });
});

test("users of many groups are drawn before the groups become one", () => {
  const edges = Array.from({ length: 30 }, (_, n) => ({
    edges: [edge(user(n), role(1), { GrantedBy: [group(`g${n % 3}`)] })],
  }));
  const graph = graphOf(edges, [role(1)], 20);
  expect(graph.things.map((t) => [t.kind, t.count])).toEqual([
    ["ROLE", 1],
    ["USER", 30],
    ["GROUP", 1],
    ["GROUP", 1],
    ["GROUP", 1],
  ]);
  expect(graph.connections).toHaveLength(6);
});

test("a path is as good as its worst edge", () => {
  const unknown = edge(role(1), role(2), { Status: "UNKNOWN" });
  expect(statusOf({ edges: [edge(user(1), role(1)), unknown] })).toBe("UNKNOWN");
  expect(statusOf({ edges: [unknown, edge(role(2), role(3), { Status: "BLOCKED" })] })).toBe("BLOCKED");
  expect(badgesOf([edge(user(1), role(1), { Conditions: [{ Key: "sts:ExternalId", Value: "x" }] })])).toEqual([
    "ExternalId",
  ]);
});
