/** What the simulator is asked, and what it answers, a row for each action on each resource. */
import { readAll } from "@/aws";
import {
  GetContextKeysForCustomPolicyCommand,
  GetContextKeysForPrincipalPolicyCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
  type EvaluationResult,
  type IAMClient,
} from "@/aws/iam";
import { contextEntries } from "@/policy/check/simulate";

export interface Question {
  /** The ARN of whose policies decide; empty when the documents do. */
  principal: string;
  documents: string[];
  /** A permissions boundary, or "": below which the documents are, or which takes the place of the principal's as a change. */
  boundary: string;
  /** A policy to add as a change, or "". */
  change: string;
  actions: string[];
  resources: string[];
  /** Values by key, a line each. */
  context: Record<string, string>;
}

export type Outcome = "allowed" | "explicitDeny" | "implicitDeny";

/** A policy that was pasted: a document by its number, from 1, a change or a boundary. */
export interface Pasted {
  part: "document" | "change" | "boundary";
  number: number;
  text: string;
}

export interface Matched {
  /** As the simulator names it. */
  policy: string;
  pasted?: Pasted;
  line: number;
  column: number;
}

export interface Answer {
  outcome: Outcome;
  matched: Matched[];
  missing: string[];
  /** Whether these let it through; undefined where there are none. */
  organization?: boolean;
  boundary?: boolean;
}

export interface Row {
  action: string;
  resource: string;
  now: Answer;
  changed?: Answer;
}

type Iam = Pick<IAMClient, "send">;

const given = (text: string) => text.trim() !== "";

/** Whether something is different with the change. */
const changes = (q: Question) => given(q.change) || (q.principal !== "" && given(q.boundary));

/** pastedOf returns the policies that are given as text, by the names that answers have for them. */
function pastedOf(q: Question, change: boolean): Map<string, Pasted> {
  const inputs: Pasted[] = [
    ...(q.principal === "" ? q.documents : []).map((text, i): Pasted => ({ part: "document", number: i + 1, text })),
    ...(change && given(q.change) ? [{ part: "change", number: 1, text: q.change } as const] : []),
  ];
  const named = new Map(inputs.map((input, i) => [`PolicyInputList.${i + 1}`, input]));
  if (given(q.boundary) && (change || q.principal === "")) {
    named.set("PermissionsBoundaryPolicyInputList.1", { part: "boundary", number: 1, text: q.boundary });
  }
  return named;
}

const textsOf = (pasted: Map<string, Pasted>, boundary: boolean) =>
  [...pasted.values()].filter((p) => (p.part === "boundary") === boundary).map((p) => p.text);

/** keysOf returns the condition keys that the policies ask about. */
export async function keysOf(iam: Iam, q: Question): Promise<string[]> {
  const PolicyInputList = [...pastedOf(q, true).values()].map((p) => p.text);
  const answer =
    q.principal === ""
      ? await iam.send(new GetContextKeysForCustomPolicyCommand({ PolicyInputList }))
      : await iam.send(new GetContextKeysForPrincipalPolicyCommand({ PolicySourceArn: q.principal, PolicyInputList }));
  return (answer.ContextKeyNames ?? []).toSorted();
}

/** simulate asks for all decisions; where there is a change, with it too. */
export async function simulate(iam: Iam, q: Question): Promise<Row[]> {
  const now = await decisions(iam, q, false);
  const changed = changes(q) ? await decisions(iam, q, true) : [];
  return now.map((row, i) => {
    const other = changed[i];
    return other ? { ...row, changed: other.now } : row;
  });
}

async function decisions(iam: Iam, q: Question, change: boolean): Promise<Row[]> {
  const pasted = pastedOf(q, change);
  const boundary = textsOf(pasted, true);
  const input = {
    PolicyInputList: textsOf(pasted, false),
    PermissionsBoundaryPolicyInputList: boundary.length > 0 ? boundary : undefined,
    ActionNames: q.actions,
    ResourceArns: q.resources.length > 0 ? q.resources : undefined,
    ContextEntries: await contextEntries(q.context, q.actions),
  };
  const results = await readAll(async (Marker) => {
    const page =
      q.principal === ""
        ? await iam.send(new SimulateCustomPolicyCommand({ ...input, Marker }))
        : await iam.send(new SimulatePrincipalPolicyCommand({ ...input, PolicySourceArn: q.principal, Marker }));
    return { items: page.EvaluationResults ?? [], next: page.Marker };
  });
  return results.flatMap((result) => rowsOf(result, pasted));
}

/** What nobody understands allows nothing. */
const outcomeOf = (text: string | undefined): Outcome =>
  text === "allowed" || text === "explicitDeny" ? text : "implicitDeny";

function rowsOf(result: EvaluationResult, pasted: Map<string, Pasted>): Row[] {
  const action = result.EvalActionName ?? "";
  const organization = result.OrganizationsDecisionDetail?.AllowedByOrganizations;
  const each = result.ResourceSpecificResults ?? [];
  if (each.length === 0) {
    const now = answerOf(result, result.EvalDecision, organization, pasted);
    return [{ action, resource: result.EvalResourceName ?? "*", now }];
  }
  return each.map((r) => ({
    action,
    resource: r.EvalResourceName ?? "*",
    now: answerOf(r, r.EvalResourceDecision, organization, pasted),
  }));
}

function answerOf(
  of: Pick<EvaluationResult, "MatchedStatements" | "MissingContextValues" | "PermissionsBoundaryDecisionDetail">,
  outcome: string | undefined,
  organization: boolean | undefined,
  pasted: Map<string, Pasted>,
): Answer {
  return {
    outcome: outcomeOf(outcome),
    matched: (of.MatchedStatements ?? []).map((s) => ({
      policy: s.SourcePolicyId ?? "",
      pasted: pasted.get(s.SourcePolicyId ?? ""),
      line: s.StartPosition?.Line ?? 1,
      column: s.StartPosition?.Column ?? 1,
    })),
    missing: of.MissingContextValues ?? [],
    organization,
    boundary: of.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary,
  };
}

export interface Layer {
  layer: "scp" | "boundary" | "identity";
  /** "absent": there is none. "undecided": what stands above has stopped it, and the answer does not say more. */
  verdict: "allows" | "denies" | "lacks" | "passes" | "stops" | "undecided" | "absent";
  statements: Matched[];
}

/** layersOf says what each layer did: what is told of an answer, and no more. */
export function layersOf(answer: Answer): Layer[] {
  const { outcome, organization, boundary, matched } = answer;
  const side = (through: boolean | undefined) => (through === undefined ? "absent" : through ? "passes" : "stops");
  const bounds = matched.filter((s) => s.pasted?.part === "boundary");
  const own = matched.filter((s) => s.pasted?.part !== "boundary");
  const above = organization === false || boundary === false;
  const denies = outcome === "explicitDeny" && own.length > 0;
  const identity = outcome === "allowed" ? "allows" : denies ? "denies" : above ? "undecided" : "lacks";
  return [
    { layer: "scp", verdict: side(organization), statements: [] },
    { layer: "boundary", verdict: side(boundary), statements: bounds },
    { layer: "identity", verdict: identity, statements: own },
  ];
}
