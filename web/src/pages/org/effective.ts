/** What the guardrails of an organization do to one action, level by level, decided by IAM's simulator. */
import { SimulateCustomPolicyCommand, type EvaluationResult, type IAMClient } from "@/aws/iam";
import { DescribePolicyCommand, type OrganizationsClient } from "@/aws/organizations";
import type { GuardrailType, Level } from "./targets";

export interface Question {
  action: string;
  resource: string;
}

/** What a level says: it allows, one of its statements denies, or none of them allows. */
export interface Verdict {
  level: Level;
  type: GuardrailType;
  outcome: "allows" | "denies" | "silent";
  /** The policies whose statements decided. */
  by: { id: string; name: string; line: number | undefined }[];
  /** Condition keys that the answer depends on and that nobody gave a value. */
  missing: string[];
}

const everything = JSON.stringify({
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "*", Resource: "*" },
});

/**
 * Asks each level by itself: a request passes when every level of service control policies allows it and no resource
 * control policy denies it (EV-20, EV-24).
 */
export async function verdicts(
  organizations: OrganizationsClient,
  iam: IAMClient,
  levels: Level[],
  type: GuardrailType,
  question: Question,
): Promise<Verdict[]> {
  return Promise.all(
    levels.map(async (level) => {
      const documents = await Promise.all(
        level.policies.map(async ({ Id: id = "", Name: name = "" }) => {
          const { Policy } = await organizations.send(new DescribePolicyCommand({ PolicyId: id }));
          return { id, name, text: Policy?.Content ?? "" };
        }),
      );
      const ask = (PolicyInputList: string[]) => simulate(iam, PolicyInputList, question);
      if (type === "RESOURCE_CONTROL_POLICY") {
        // What they do not deny they leave to others.
        const results = await Promise.all(
          documents.map(async (d) => ({ d, result: await ask([everything, withoutPrincipals(d.text)]) })),
        );
        const denying = results.filter((r) => r.result?.EvalDecision === "explicitDeny");
        return {
          level,
          type,
          outcome: denying.length > 0 ? ("denies" as const) : ("allows" as const),
          by: denying.map(({ d, result }) => ({ id: d.id, name: d.name, line: lineOf(result, 1) })),
          missing: [...new Set(results.flatMap((r) => r.result?.MissingContextValues ?? []))],
        };
      }
      const result = await ask(documents.map((d) => d.text));
      const decision = result?.EvalDecision;
      const matched = (result?.MatchedStatements ?? []).map((s) => ({
        document: documents[indexOf(s.SourcePolicyId)],
        line: s.StartPosition?.Line,
      }));
      return {
        level,
        type,
        outcome: decision === "allowed" ? "allows" : decision === "explicitDeny" ? "denies" : "silent",
        by: matched.flatMap(({ document, line }) => (document ? [{ id: document.id, name: document.name, line }] : [])),
        missing: result?.MissingContextValues ?? [],
      };
    }),
  );
}

async function simulate(
  iam: IAMClient,
  PolicyInputList: string[],
  { action, resource }: Question,
): Promise<EvaluationResult | undefined> {
  if (PolicyInputList.length === 0) return undefined; // nothing allows
  const { EvaluationResults } = await iam.send(
    new SimulateCustomPolicyCommand({ PolicyInputList, ActionNames: [action], ResourceArns: [resource] }),
  );
  return EvaluationResults?.[0];
}

/** PolicyInputList.2 → 1 */
export function indexOf(source: string | undefined): number {
  return Number(/\.(\d+)$/.exec(source ?? "")?.[1] ?? 0) - 1;
}

function lineOf(result: EvaluationResult | undefined, index: number): number | undefined {
  return result?.MatchedStatements?.find((s) => indexOf(s.SourcePolicyId) === index)?.StartPosition?.Line;
}

/** The simulator takes identity policies; a resource control policy's principal is always "*" (PL-86). */
export function withoutPrincipals(text: string): string {
  const document = JSON.parse(text) as { Statement?: unknown };
  const statements = [document.Statement ?? []].flat() as Record<string, unknown>[];
  for (const statement of statements) delete statement["Principal"];
  return JSON.stringify({ ...document, Statement: statements });
}

/** The first level that stops a request, or undefined. */
export function stopping(all: Verdict[]): Verdict | undefined {
  return all.find((v) => v.outcome === "denies") ?? all.find((v) => v.outcome === "silent");
}
