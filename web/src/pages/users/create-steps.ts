/** The calls that make users, one after another: what is done is done, and what fails can be tried again. */
import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateLoginProfileCommand,
  CreateUserCommand,
  type IAMClient,
} from "@/aws/iam";
import { arnName } from "@/components/arn";
import type { Step } from "@/components/confirm-delete";
import { tagWord, type Tag } from "@/components/tag-editor";
import type { Texts } from "@/messages";
import type messages from "@/messages/en/users";

export interface Wanted {
  names: string[];
  path: string;
  console: boolean;
  /** Whether a new password has to be chosen at the first sign-in. */
  force: boolean;
  groups: string[];
  policies: string[];
  boundary: string | undefined;
  tags: Tag[];
}

export const isUserName = (name: string) => /^[\w+=,.@-]{1,64}$/.test(name);
export const isPath = (path: string) => path.length <= 512 && /^\/([!-~]+\/)*$/.test(path);

export const mostNames = 50;

/** Names as they are typed: one a line. */
export const namesIn = (text: string) =>
  text
    .split("\n")
    .map((name) => name.trim())
    .filter((name) => name !== "");

type Fault = { kind: "missing" } | { kind: "many" } | { kind: "wrong"; name: string } | { kind: "twice"; name: string };

/** What is wrong with the names; IAM folds case. */
export function namesFault(names: string[]): Fault | undefined {
  if (names.length === 0) return { kind: "missing" };
  if (names.length > mostNames) return { kind: "many" };
  const seen = new Set<string>();
  for (const name of names) {
    if (!isUserName(name)) return { kind: "wrong", name };
    if (seen.has(name.toLowerCase())) return { kind: "twice", name };
    seen.add(name.toLowerCase());
  }
  return undefined;
}

/** Passwords by user name: drawn before, so that a step that is tried again sets the one that is shown. */
export function createSteps(
  iam: IAMClient,
  wanted: Wanted,
  passwords: Map<string, string>,
  m: Texts<typeof messages.messages>,
): Step[] {
  const { path, boundary, tags, groups, policies, console, force } = wanted;
  return wanted.names.flatMap((UserName): Step[] => [
    {
      text: m("createStepUser", { name: UserName }),
      run: () =>
        iam.send(
          new CreateUserCommand({
            UserName,
            Path: path,
            PermissionsBoundary: boundary,
            Tags: tags.length > 0 ? tags : undefined,
          }),
        ),
      call: {
        service: "iam",
        command: "create-user",
        options: {
          "user-name": UserName,
          path: path === "/" ? undefined : path,
          "permissions-boundary": boundary,
          tags: tags.length > 0 ? tags.map(tagWord) : undefined,
        },
      },
    },
    ...groups.map((group): Step => ({
      text: m("createStepGroup", { name: UserName, group }),
      run: () => iam.send(new AddUserToGroupCommand({ UserName, GroupName: group })),
      call: {
        service: "iam",
        command: "add-user-to-group",
        options: { "user-name": UserName, "group-name": group },
      },
    })),
    ...policies.map((arn): Step => ({
      text: m("createStepPolicy", { name: UserName, policy: arnName(arn) }),
      run: () => iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: arn })),
      call: {
        service: "iam",
        command: "attach-user-policy",
        options: { "user-name": UserName, "policy-arn": arn },
      },
    })),
    // Last: whoever can sign in finds their permissions in place.
    ...(console
      ? [
          {
            text: m("createStepPassword", { name: UserName }),
            run: () =>
              iam.send(
                new CreateLoginProfileCommand({
                  UserName,
                  Password: passwords.get(UserName),
                  PasswordResetRequired: force,
                }),
              ),
            call: {
              service: "iam",
              command: "create-login-profile",
              options: { "user-name": UserName, password: "…", "password-reset-required": force },
            },
          },
        ]
      : []),
  ]);
}
