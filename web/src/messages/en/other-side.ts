import { catalogue } from "..";

/** Whether a role that a policy names would let its holders in. */
export default catalogue("other-side", {
  trusts: "Role {role} in {account} trusts this account",
  needs: "It asks for more: {needs}.",
  needsMfa: "MFA",
  needsExternalId: "an external ID (the console cannot switch to it)",
  needsOther: "{key}",
  onlyNamed: "It trusts only some of this account: {who}.",
  refuses: "Role {role} in {account} does not trust this account. It trusts: {who}.",
  nobody: "nobody",
  blocked: "Role {role} in {account} names this account, but {layer} there refuses.",
  missing: "There is no role {role} in {account}.",
  pattern: "{arn} is a pattern: which roles it covers, and whether they trust this account, is not looked at.",
  everyAccount: "{arn} names a role of every account: whoever makes one of that name, anywhere, can be switched to.",
  unseen:
    "Whether role {role} in {account} trusts this account cannot be seen: no session of that account is open in this browser.",
  unreadable: "Whether role {role} in {account} trusts this account cannot be seen: {who} may not read it.",
  failed: "Role {role} in {account} could not be read.",
  checking: "Looking at role {role} in {account}",
  conditions: "The policy that names it asks for more itself: {keys}.",
  none: "No inline policy of this group lets its members assume a role.",
});
