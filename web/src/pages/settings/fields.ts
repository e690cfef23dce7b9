/** What is typed into the forms of this page, as the server takes it. */
import type { PasswordPolicy, UpdateAccountPasswordPolicyCommandInput } from "@/aws/iam";

export const isAlias = (name: string) =>
  /^(?!\d{12}$)[a-z0-9](-?[a-z0-9])*$/.test(name) && name.length >= 3 && name.length <= 63;

/** The policy as a form has it: numbers as they are typed. */
export interface PolicyForm {
  minimum: string;
  upper: boolean;
  lower: boolean;
  number: boolean;
  symbol: boolean;
  change: boolean;
  maxAge: string;
  reuse: string;
  hardExpiry: boolean;
}

/** A form to begin with: as it is, or stronger than the built-in policy. */
export function formOf(policy: PasswordPolicy | null): PolicyForm {
  if (policy === null) {
    return {
      minimum: "14",
      upper: true,
      lower: true,
      number: true,
      symbol: false,
      change: true,
      maxAge: "",
      reuse: "",
      hardExpiry: false,
    };
  }
  const text = (value: number | undefined) => (value ? String(value) : "");
  return {
    minimum: String(policy.MinimumPasswordLength ?? 6),
    upper: policy.RequireUppercaseCharacters ?? false,
    lower: policy.RequireLowercaseCharacters ?? false,
    number: policy.RequireNumbers ?? false,
    symbol: policy.RequireSymbols ?? false,
    change: policy.AllowUsersToChangePassword ?? false,
    maxAge: text(policy.MaxPasswordAge),
    reuse: text(policy.PasswordReusePrevention),
    hardExpiry: policy.HardExpiry ?? false,
  };
}

const within = (text: string, least: number, most: number) =>
  /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;

export const isMinimum = (text: string) => within(text, 6, 128);
export const isMaxAge = (text: string) => text === "" || within(text, 1, 1095);
export const isReuse = (text: string) => text === "" || within(text, 1, 24);

export const isPolicy = (form: PolicyForm) => isMinimum(form.minimum) && isMaxAge(form.maxAge) && isReuse(form.reuse);

/** All of it: what the call leaves out goes back to its default (IA-53). */
export function inputOf(form: PolicyForm): UpdateAccountPasswordPolicyCommandInput {
  return {
    MinimumPasswordLength: Number(form.minimum),
    RequireUppercaseCharacters: form.upper,
    RequireLowercaseCharacters: form.lower,
    RequireNumbers: form.number,
    RequireSymbols: form.symbol,
    AllowUsersToChangePassword: form.change,
    MaxPasswordAge: form.maxAge === "" ? undefined : Number(form.maxAge),
    PasswordReusePrevention: form.reuse === "" ? undefined : Number(form.reuse),
    HardExpiry: form.maxAge !== "" && form.hardExpiry,
  };
}
