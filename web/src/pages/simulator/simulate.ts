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
  /** The ARN of whose policies decide; empty when the document does. */
  principal: string;
  document: string;
  /** A policy to add, or "". */
  change: string;
  actions: string[];
  resources: string[];
  /** Values by key, a line each. */
  context: Record<string, string>;
}

export type Outcome = "allowed" | "explicitDeny" | "implicitDeny";

export interface Matched {
  policy: string;
  line: number;
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

const policiesOf = (q: Question, change: boolean) =>
  [q.principal === "" ? q.document : "", change ? q.change : ""].filter((text) => text.trim() !== "");

/** keysOf returns the condition keys that the policies ask about. */
export async function keysOf(iam: Iam, q: Question): Promise<string[]> {
  const PolicyInputList = policiesOf(q, true);
  const answer =
    q.principal === ""
      ? await iam.send(new GetContextKeysForCustomPolicyCommand({ PolicyInputList }))
      : await iam.send(new GetContextKeysForPrincipalPolicyCommand({ PolicySourceArn: q.principal, PolicyInputList }));
  return (answer.ContextKeyNames ?? []).toSorted();
}

/** simulate asks for all decisions; where there is a change, with it too. */
export async function simulate(iam: Iam, q: Question): Promise<Row[]> {
  const now = await decisions(iam, q, false);
  const changed = q.change.trim() === "" ? [] : await decisions(iam, q, true);
  return now.map((row, i) => {
    const other = changed[i];
    return other ? { ...row, changed: other.now } : row;
  });
}

async function decisions(iam: Iam, q: Question, change: boolean): Promise<Row[]> {
  const input = {
    PolicyInputList: policiesOf(q, change),
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
  return results.flatMap(rowsOf);
}

/** What nobody understands allows nothing. */
const outcomeOf = (text: string | undefined): Outcome =>
  text === "allowed" || text === "explicitDeny" ? text : "implicitDeny";

function rowsOf(result: EvaluationResult): Row[] {
  const action = result.EvalActionName ?? "";
  const organization = result.OrganizationsDecisionDetail?.AllowedByOrganizations;
  const each = result.ResourceSpecificResults ?? [];
  if (each.length === 0) {
    const now = answerOf(result, result.EvalDecision, organization);
    return [{ action, resource: result.EvalResourceName ?? "*", now }];
  }
  return each.map((r) => ({
    action,
    resource: r.EvalResourceName ?? "*",
    now: answerOf(r, r.EvalResourceDecision, organization),
  }));
}

function answerOf(
  of: Pick<EvaluationResult, "MatchedStatements" | "MissingContextValues" | "PermissionsBoundaryDecisionDetail">,
  outcome: string | undefined,
  organization: boolean | undefined,
): Answer {
  return {
    outcome: outcomeOf(outcome),
    matched: (of.MatchedStatements ?? []).map((s) => ({
      policy: s.SourcePolicyId ?? "",
      line: s.StartPosition?.Line ?? 1,
    })),
    missing: of.MissingContextValues ?? [],
    organization,
    boundary: of.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary,
  };
}
