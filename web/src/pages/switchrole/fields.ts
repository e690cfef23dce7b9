export interface Fields {
  account: string;
  roleName: string;
  displayName: string;
  color: string;
}

type FieldError = "accountError" | "roleNameError" | "displayNameError";

/** An account as the server takes it: 1111-2222-3333 is how people read one. */
export function accountOf(text: string): string {
  return text.replace(/^(\d{4})-(\d{4})-(\d{4})$/, "$1$2$3");
}

/** What is wrong with the form's fields, before the server is asked (CO-11). */
export function fieldErrors({ account, roleName, displayName }: Fields): Partial<Record<keyof Fields, FieldError>> {
  const errors: Partial<Record<keyof Fields, FieldError>> = {};
  const id = accountOf(account);
  const digits = /^\d{12}$/.test(id);
  const alias = /^[a-z0-9](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9]$/.test(id) && !/^\d+$/.test(id);
  if (!digits && !alias) errors.account = "accountError";
  if (!/^[\w+=,.@/-]{1,64}$/.test(roleName) || roleName.endsWith("/")) errors.roleName = "roleNameError";
  if (displayName.length > 64) errors.displayName = "displayNameError";
  return errors;
}
