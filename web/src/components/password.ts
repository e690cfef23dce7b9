/** Passwords: what the account asks of them, and ones that nobody has to think of. */
import { useRead } from "@/aws";
import { GetAccountPasswordPolicyCommand, useIam, type PasswordPolicy } from "@/aws/iam";

/** What counts as a symbol (IAM User Guide, "Set an account password policy"). */
export const symbols = "!@#$%^&*()_+-=[]{}|'";

/** The account's password policy; null where it has none and the built-in one counts (IA-53). */
export function usePasswordPolicy() {
  const iam = useIam();
  return useRead<PasswordPolicy | null>(["iam", "password-policy"], async () => {
    try {
      return (await iam.send(new GetAccountPasswordPolicyCommand({}))).PasswordPolicy ?? null;
    } catch (error) {
      if ((error as Error).name === "NoSuchEntityException") return null;
      throw error;
    }
  });
}

export type Rule =
  | { kind: "length"; length: number; met: boolean }
  | { kind: "upper" | "lower" | "number" | "symbol" | "classes"; met: boolean }
  /** What only the server can tell. */
  | { kind: "name"; met: undefined }
  | { kind: "reuse"; count: number; met: undefined };

const classes = {
  upper: (c: string) => c >= "A" && c <= "Z",
  lower: (c: string) => c >= "a" && c <= "z",
  number: (c: string) => c >= "0" && c <= "9",
  symbol: (c: string) => symbols.includes(c),
};

/** What a policy asks of a password, and what of it this one meets. */
export function rulesFor(policy: PasswordPolicy | null, password: string): Rule[] {
  const characters = [...password];
  const has = (kind: keyof typeof classes) => characters.some(classes[kind]);
  const length = (least: number): Rule => ({ kind: "length", length: least, met: characters.length >= least });
  if (policy === null) {
    const count = (["upper", "lower", "number", "symbol"] as const).filter(has).length;
    return [length(8), { kind: "classes", met: count >= 3 }, { kind: "name", met: undefined }];
  }
  const rules = [length(policy.MinimumPasswordLength ?? 6)];
  if (policy.RequireUppercaseCharacters) rules.push({ kind: "upper", met: has("upper") });
  if (policy.RequireLowercaseCharacters) rules.push({ kind: "lower", met: has("lower") });
  if (policy.RequireNumbers) rules.push({ kind: "number", met: has("number") });
  if (policy.RequireSymbols) rules.push({ kind: "symbol", met: has("symbol") });
  const count = policy.PasswordReusePrevention ?? 0;
  if (count > 0) rules.push({ kind: "reuse", count, met: undefined });
  return rules;
}

// Without those that are taken for one another: people read passwords out.
const letters = {
  upper: "ABCDEFGHJKLMNPQRSTUVWXYZ",
  lower: "abcdefghijkmnopqrstuvwxyz",
  number: "23456789",
  symbol: "!@#$%^&*_+-=",
};

/** Draws a password that every policy takes: of all four classes, 20 characters or as many as are asked for. */
export function drawPassword(policy: PasswordPolicy | null | undefined): string {
  const length = Math.max(20, policy?.MinimumPasswordLength ?? 0);
  const all = Object.values(letters).join("");
  for (;;) {
    const drawn = Array.from({ length }, () => all[below(all.length)]).join("");
    // It begins with a letter: what begins with a sign is taken for a formula by a spreadsheet.
    const good =
      /^[a-z]/i.test(drawn) &&
      (Object.keys(letters) as (keyof typeof letters)[]).every((kind) => [...drawn].some(classes[kind]));
    if (good) return drawn;
  }
}

/** A number below another, each as likely: what is left over of a byte's range is drawn again. */
function below(limit: number): number {
  const fair = 256 - (256 % limit);
  for (;;) {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < fair) return byte % limit;
  }
}
