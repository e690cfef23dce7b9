/** Where the document of a statement is, of which an explanation tells the policy's name and an ARN. */
import { arnName, parseArn } from "@/components/arn";
import type { EntityKind } from "@/components/permissions/entity";
import type { Layer, StatementExplanation } from "@/aws/regent";

export type Source =
  | { kind: "managed"; arn: string }
  | { kind: "inline"; entity: EntityKind; owner: string; name: string }
  | { kind: "trust"; role: string }
  | { kind: "bucket"; bucket: string }
  | { kind: "organization"; id: string }
  | { kind: "organizationResource" };

/** Returns what asks for the document; undefined where no call of this session could, as with a session's own policy. */
export function sourceOf(layer: Layer, statement: StatementExplanation, account: string): Source | undefined {
  const { PolicyArn: arn = "", PolicyName: name = "" } = statement;
  const parsed = parseArn(arn);
  if (!parsed) return undefined;
  const [type = ""] = parsed.resource.split("/");
  switch (parsed.service) {
    case "iam": {
      if (parsed.account !== account && parsed.account !== "aws") return undefined;
      if (type === "policy") return { kind: "managed", arn };
      if (layer === "trust") return type === "role" ? { kind: "trust", role: arnName(arn) } : undefined;
      const entity = (["user", "role", "group"] as const).find((kind) => kind === type);
      return entity && name ? { kind: "inline", entity, owner: arnName(arn), name } : undefined;
    }
    case "s3":
      return parsed.resource.includes("/") ? undefined : { kind: "bucket", bucket: parsed.resource };
    case "organizations":
      if (type === "policy") return { kind: "organization", id: arnName(arn) };
      return type === "resourcepolicy" ? { kind: "organizationResource" } : undefined;
    default:
      return undefined;
  }
}

/** Whether an ARN names a policy itself; otherwise it names what the policy stands on. */
export const namesPolicy = (arn: string) => /^arn:[^:]*:(iam|organizations):[^:]*:[^:]*:policy\//.test(arn);
