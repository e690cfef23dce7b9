import { expect, test } from "vitest";
import type { ExplainDecisionRequest, ExplainDecisionResponse, TrustEdge } from "@/aws/regent";
import { askedOf, searchOf, type Asked } from "./ask";
import { idOf } from "./model";
import { readerOf } from "./read";

const alice = "arn:aws:iam::111122223333:user/alice";
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const asked: Asked = { ask: "path", from: alice, to: role("z"), action: "", all: false, withoutMfa: false };

const edge = (from: string, to: string, Status: TrustEdge["Status"] = "ALLOWED"): TrustEdge => ({
  Principal: from,
  PrincipalType: from === alice ? "USER" : "ROLE",
  RoleArn: to,
  Action: "sts:AssumeRole",
  Status,
  Conditions: [],
  Unknown: [],
});

/** A regent that finds these paths, and whose roles may do what `may` says. */
function regent(paths: TrustEdge[][], may: (q: ExplainDecisionRequest) => Partial<ExplainDecisionResponse>) {
  const asks: unknown[] = [];
  return {
    asks,
    listTrustEdges: async (q: object) => {
      asks.push(q);
      return { Edges: paths.flat() };
    },
    findAccessPaths: async (q: { RoleArn?: string; MaxDepth?: number }) => {
      asks.push(q);
      const Paths = paths.filter((p) => p.length <= (q.MaxDepth ?? 2));
      return { Paths: Paths.filter((p) => !q.RoleArn || p.at(-1)?.RoleArn === q.RoleArn).map((Edges) => ({ Edges })) };
    },
    explainDecision: async (q: ExplainDecisionRequest) => {
      asks.push(q);
      return { Decision: "implicitDeny", Layers: [], ...may(q) } as unknown as ExplainDecisionResponse;
    },
  };
}

const nothing = () => ({});
const long = [edge(alice, role("a")), edge(role("a"), role("z"))];

test("the shortest way is no deeper than the first that is open", async () => {
  const server = regent([[edge(alice, role("z"), "BLOCKED")], [edge(alice, role("a"))], long], nothing);
  const { items } = await readerOf(server, asked)();
  expect(items.map((p) => p.edges.length)).toEqual([2]);
  expect(server.asks).toHaveLength(2);
  const blocked = regent([[edge(alice, role("z"), "BLOCKED")]], nothing);
  expect((await readerOf(blocked, asked)()).items).toHaveLength(1);
});

test("all ways are all, and are asked about without a code", async () => {
  const server = regent([[edge(alice, role("z"))], long], nothing);
  const { items } = await readerOf(server, { ...asked, all: true, withoutMfa: true })();
  expect(items.map((p) => p.edges.length)).toEqual([1, 2]);
  expect(server.asks).toMatchObject([{ RoleArn: role("z"), MaxDepth: 4, WithoutMfa: true }]);
});

test("what reaches a resource is the principal itself or a role on its way", async () => {
  const object = "arn:aws:s3:::bucket/key";
  const may = (q: ExplainDecisionRequest): Partial<ExplainDecisionResponse> => {
    if (q.Principal === role("z")) return { Decision: "allowed" };
    if (q.Principal === role("b")) {
      return {
        Decision: "explicitDeny",
        Layers: [
          { Layer: "identity", Visible: true, Outcome: "allowed", Required: true },
          { Layer: "scp", Visible: true, Outcome: "explicitDeny", Required: true },
        ],
      };
    }
    return {};
  };
  const paths = [[edge(alice, role("a"))], [edge(alice, role("b"))], long];
  const question = { ...asked, to: object, action: "s3:GetObject" };
  const server = regent(paths, may);
  const { items } = await readerOf(server, { ...question, all: true })();
  expect(items.map((p) => p.edges.map((e) => `${e.RoleArn} ${e.Status} ${e.BlockedBy ?? ""}`))).toEqual([
    [`${role("b")} ALLOWED `, `${object} BLOCKED scp`],
    [`${role("a")} ALLOWED `, `${role("z")} ALLOWED `, `${object} ALLOWED `],
  ]);
  const { items: short } = await readerOf(regent(paths, may), question)();
  expect(short.map(idOf)).toEqual([idOf(items[1] ?? { edges: [] })]);

  const withCode = regent([], (q) => (q.Context ? { Decision: "allowed" } : {}));
  const { items: own } = await readerOf(withCode, question)();
  expect(own.map((p) => p.edges[0]?.Conditions[0]?.Key)).toEqual(["aws:MultiFactorAuthPresent"]);
});

test("the address says what is asked, and no more", () => {
  const question = { ...asked, to: "arn:aws:s3:::b", action: "s3:ListBucket", all: true, withoutMfa: true };
  expect(askedOf(searchOf(question))).toEqual(question);
  expect(searchOf({ ...question, ask: "who", to: role("z") }).toString()).toBe(
    new URLSearchParams({ ask: "who", to: role("z"), nomfa: "" }).toString(),
  );
});
