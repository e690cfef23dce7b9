import { catalogue } from "..";

/** The dashboard of IAM. */
export default catalogue("iam", {
  title: "IAM dashboard",
  iam: "IAM",
  description: "Who may do what in account {account}.",

  signInTitle: "Sign-in",
  signInUrl: "Sign-in URL of this account",
  signInUrlId: "The same by account ID",
  alias: "Account alias",
  aliasNone: "None",
  aliasChange: "Change",

  countsTitle: "What there is",
  countsText: "And how much of it there may be.",
  countOf: "{count, number} of {quota, number}",
  countUsers: "Users",
  countGroups: "Groups",
  countRoles: "Roles",
  countPolicies: "Customer managed policies",
  countProviders: "Identity providers",
  countNear: "{percent, number} % of the quota",

  todosTitle: "Security to-dos",
  todosText: "Computed from what you may read.",
  noneRoot: "Root has an MFA device and no access keys",
  noneUsers: "All users sign in with MFA, and no key is old or unused",
  noneRoles: "No role trusts everybody or another account without a condition",
  todosReport: "From the credential report of {time}.",
  rootKey: "The root user has access keys",
  rootKeyText: "No policy limits them. Only root itself can delete them.",
  rootKeyAct: "To your credentials",
  rootMfa: "The root user has no MFA device",
  rootMfaText: "Whoever gets its password may do everything. Sign in as root and add one.",
  usersMfa: "{count, plural, one {# user signs} other {# users sign}} in without MFA",
  usersMfaText: "A password alone can be guessed, reused or phished.",
  oldKeys: "{count, plural, one {# user has} other {# users have}} a key older than {days, number} days",
  oldKeysText: "Rotate it, or let a role take its place.",
  unusedKeys: "{count, plural, one {# user has} other {# users have}} a key that was not used for {days, number} days",
  unusedKeysText: "What nobody uses nobody misses: deactivate it, wait, delete it.",
  showUsers: "Show these users",
  looseRoles:
    "{count, plural, one {# role trusts} other {# roles trust}} everybody or another account without a condition",
  looseRolesText:
    "Anybody there whose own administrators allow it can assume them. Name users or roles, or ask for MFA, an organization or an external ID, unless that is meant.",
  showRoles: "Show these roles",
  showReport: "Show in the credential report",
});
