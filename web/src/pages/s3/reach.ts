/** Who else can reach a bucket, by its policy, in words. It says whom the policy names, not what IAM makes of it. */
import { parseArn } from "@/components/arn";

/** Somebody whom a bucket's policy allows something. */
export interface Reach {
  /** Everyone, an account's id, an ARN, or a service. */
  who: { kind: "everyone" } | { kind: "account" | "principal" | "service" | "federated"; name: string };
  /** Who is not named is allowed: everybody but these. */
  except: boolean;
  actions: string[];
  conditions: boolean;
}

interface Statement {
  Effect?: string;
  Principal?: unknown;
  NotPrincipal?: unknown;
  Action?: unknown;
  NotAction?: unknown;
  Condition?: object;
}

const list = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((v): v is string => typeof v === "string");

/** Reads whom else than the own account a policy allows something; undefined where the document is no policy. */
export function reachOf(document: string, own: string): Reach[] | undefined {
  let statements: Statement[];
  try {
    const policy = JSON.parse(document) as { Statement?: Statement | Statement[] };
    statements = [policy.Statement ?? []].flat();
  } catch {
    return undefined;
  }
  return statements
    .filter((s) => s.Effect === "Allow")
    .flatMap((s) => {
      const actions = s.NotAction === undefined ? list(s.Action) : ["*"];
      const conditions = s.Condition !== undefined && Object.keys(s.Condition).length > 0;
      const except = s.NotPrincipal !== undefined;
      return namedIn(s.Principal ?? s.NotPrincipal).flatMap((who): Reach[] => {
        if (!except && "name" in who && accountOf(who.name) === own) return [];
        return [{ who, except, actions, conditions }];
      });
    });
}

function accountOf(name: string): string {
  return /^\d{12}$/.test(name) ? name : (parseArn(name)?.account ?? "");
}

function namedIn(principal: unknown): Reach["who"][] {
  if (principal === "*") return [{ kind: "everyone" }];
  if (typeof principal !== "object" || principal === null) return [];
  return Object.entries(principal).flatMap(([type, names]) =>
    list(names).map((name): Reach["who"] => {
      if (name === "*") return { kind: "everyone" };
      if (type === "Service") return { kind: "service", name };
      if (type === "Federated") return { kind: "federated", name };
      const arn = parseArn(name);
      if (arn?.resource === "root") return { kind: "account", name: arn.account };
      return /^\d{12}$/.test(name) ? { kind: "account", name } : { kind: "principal", name };
    }),
  );
}
