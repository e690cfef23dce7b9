/** SimulateCustomPolicy as the test panel asks it. */
import {
  SimulateCustomPolicyCommand,
  type ContextEntry,
  type IAMClient,
  type SimulateCustomPolicyCommandInput,
} from "@/aws/iam";
import { read, type PolicyKind } from "../model/document";
import { findKey, isMultivalued, type Key } from "../model/keys";
import { offsetOf } from "../model/findings";
import { prefixesOf, readGlobals, readService } from "../catalog";

export interface Question {
  text: string;
  kind: PolicyKind;
  action: string;
  resource: string;
  /** The user who asks, of resource policies. */
  caller: string;
  /** Values by key, each on a line of its own; a key without any is absent. */
  context: Record<string, string>;
}

export interface Decision {
  /** What was decided by. */
  text: string;
  outcome: "allowed" | "explicitDeny" | "implicitDeny";
  /** Numbers of the document's statements that decided, from 0. */
  statements: number[];
  /** Condition keys that the request did not have. */
  missing: string[];
}

/** A document that allows everything: what a ceiling is tried below. */
const everything = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});
/** A document that allows nothing that anybody asks about: the caller of a resource policy has no policy of their own. */
const nothing = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:GetCallerIdentity", Resource: "*" }],
});

/** inputOf says where a document of a kind stands in the question, and what it is then called in the answer. */
function inputOf({
  text,
  kind,
  caller,
}: Question): Pick<SimulateCustomPolicyCommandInput, "PolicyInputList"> &
  Partial<SimulateCustomPolicyCommandInput> & { source: string } {
  switch (kind) {
    case "boundary":
    case "scp":
      return {
        PolicyInputList: [everything],
        PermissionsBoundaryPolicyInputList: [text],
        source: "PermissionsBoundaryPolicyInputList.1",
      };
    case "resource":
    case "bucket":
      return { PolicyInputList: [nothing], ResourcePolicy: text, CallerArn: caller, source: "ResourcePolicy" };
    default:
      return { PolicyInputList: [text], source: "PolicyInputList.1" };
  }
}

/** simulate asks what a document decides. */
export async function simulate(iam: Pick<IAMClient, "send">, question: Question): Promise<Decision> {
  const { source, ...input } = inputOf(question);
  const answer = await iam.send(
    new SimulateCustomPolicyCommand({
      ...input,
      ActionNames: [question.action],
      ResourceArns: [question.resource],
      ContextEntries: await contextEntries(question.context, [question.action]),
    }),
  );
  const result = answer.EvaluationResults?.[0];
  const decided = (result?.MatchedStatements ?? [])
    .filter((s) => s.SourcePolicyId === source)
    .map((s) => statementAt(question.text, s.StartPosition?.Line ?? 0, s.StartPosition?.Column ?? 0))
    .filter((index) => index >= 0);
  const outcome = result?.EvalDecision;
  return {
    text: question.text,
    // What nobody understands allows nothing.
    outcome: outcome === "allowed" || outcome === "explicitDeny" ? outcome : "implicitDeny",
    statements: [...new Set(decided)],
    missing: result?.MissingContextValues ?? [],
  };
}

/** statementAt is the number of the statement that the simulator means by a place, one past its brace (IA-72); -1 for none. */
export function statementAt(text: string, line: number, column: number): number {
  const at = offsetOf(text, line, column);
  return read(text).statements.findIndex((s) => s.node.from < at && at <= s.node.to);
}

/** contextEntries are values by key, a line each, with the types that the keys of these actions have. */
export async function contextEntries(context: Question["context"], actions: string[]): Promise<ContextEntry[]> {
  const given = Object.entries(context).flatMap(([key, text]) => {
    const values = text.split("\n").filter((v) => v !== "");
    return values.length > 0 ? [{ key, values }] : [];
  });
  if (given.length === 0) return [];
  const [{ keys: global }, services] = await Promise.all([
    readGlobals(),
    Promise.all(prefixesOf(actions).map(readService)),
  ]);
  const known = [...services.flatMap((s) => s?.keys ?? []), ...global];
  return given.map(({ key, values }) => ({
    ContextKeyName: key,
    ContextKeyType: typeOf(findKey(known, key), values),
    ContextKeyValues: values,
  }));
}

/** typeOf is the simulator's word for the type of a key. */
function typeOf(key: Key | undefined, values: string[]): ContextEntry["ContextKeyType"] {
  const single = ({ Bool: "boolean", Numeric: "numeric", Date: "date", IPAddress: "ip" } as const)[
    (key?.type ?? "").replace(/^ArrayOf/, "")
  ] as "boolean" | "numeric" | "date" | "ip" | undefined;
  const many = values.length > 1 || (key !== undefined && isMultivalued(key.type));
  const name = single ?? "string";
  return many ? `${name}List` : name;
}
