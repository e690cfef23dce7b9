/** What creating a role does, call by call: done in order, gone on with, and undone. */
import { CreateRoleCommand, DeleteRoleCommand, type IAMClient } from "@/aws/iam";
import { arnName } from "@/components/arn";
import type { Step } from "@/components/confirm-delete";
import { policiesOf, policyCall } from "@/components/permissions/entity";
import type { ApiCall } from "@/components/snippet";
import { tagWord } from "@/components/tag-editor";
import type { Texts } from "@/messages";
import type messages from "@/messages/en/create-role";
import type { Draft } from "./draft";
import { trustDocument } from "./trust-document";

type CreateTexts = Texts<typeof messages.messages>;

/** One call. Its id says, in a draft that was kept, that it was done. */
export interface Act extends Step {
  id: string;
  /** What takes it back. */
  undo: Step;
  call: ApiCall;
  /** Returns the role's ARN, where it is the call that makes the role. */
  run: () => Promise<string | undefined>;
}

export function actsOf(iam: IAMClient, draft: Draft, own: string, m: CreateTexts): Act[] {
  const { name } = draft;
  const entity = { kind: "role" as const, name };
  const policies = policiesOf(iam, entity);
  const trust = trustDocument(draft, own);
  const create: Act = {
    id: "role",
    text: m("stepRole", { name }),
    run: async () => {
      const { Role } = await iam.send(
        new CreateRoleCommand({
          RoleName: name,
          Path: draft.path,
          AssumeRolePolicyDocument: trust,
          Description: draft.description || undefined,
          MaxSessionDuration: draft.maxSession,
          PermissionsBoundary: draft.boundary || undefined,
          Tags: draft.tags.length > 0 ? draft.tags : undefined,
        }),
      );
      return Role?.Arn;
    },
    call: {
      service: "iam",
      command: "create-role",
      options: {
        "role-name": name,
        path: draft.path === "/" ? undefined : draft.path,
        "assume-role-policy-document": trust,
        description: draft.description || undefined,
        "max-session-duration": draft.maxSession === 3600 ? undefined : String(draft.maxSession),
        "permissions-boundary": draft.boundary || undefined,
        tags: draft.tags.length > 0 ? draft.tags.map(tagWord) : undefined,
      },
    },
    undo: {
      text: m("undoRole", { name }),
      run: () => iam.send(new DeleteRoleCommand({ RoleName: name })),
      call: { service: "iam", command: "delete-role", options: { "role-name": name } },
    },
  };
  const attach = draft.policies.map((arn): Act => ({
    id: `attach ${arn}`,
    text: m("stepAttach", { name: arnName(arn) }),
    run: () => policies.attach(arn).then(() => undefined),
    call: policyCall(entity, "attach", { arn }),
    undo: {
      text: m("undoDetach", { name: arnName(arn) }),
      run: () => policies.detach(arn),
      call: policyCall(entity, "detach", { arn }),
    },
  }));
  const inline = draft.inline.map((policy): Act => ({
    id: `inline ${policy.name}`,
    text: m("stepInline", { name: policy.name }),
    run: () => policies.put(policy.name, policy.document).then(() => undefined),
    call: policyCall(entity, "put", policy),
    undo: {
      text: m("undoInline", { name: policy.name }),
      run: () => policies.remove(policy.name),
      call: policyCall(entity, "delete", { name: policy.name }),
    },
  }));
  return [create, ...attach, ...inline];
}

/**
 * Does what is left of the acts, and tells after each what is done. It stops at the first that fails, and throws what
 * went wrong: what was done stays.
 */
export async function perform(
  acts: Act[],
  made: Draft["made"],
  progress: (made: NonNullable<Draft["made"]>) => void,
): Promise<NonNullable<Draft["made"]>> {
  let now = made ?? { arn: "", done: [] };
  for (const act of acts) {
    if (now.done.includes(act.id)) continue;
    const arn = await act.run();
    now = { arn: arn ?? now.arn, done: [...now.done, act.id] };
    progress(now);
  }
  return now;
}

/** What takes away what was done, the last first: IAM deletes no role that has policies. */
export const undoOf = (acts: Act[], made: Draft["made"]): Step[] =>
  acts
    .filter((a) => made?.done.includes(a.id))
    .toReversed()
    .map((a) => a.undo);
