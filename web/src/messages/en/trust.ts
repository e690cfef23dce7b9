import { catalogue } from "..";

/** Whom roles trust, in words. */
export default catalogue("trust", {
  everyone: "anybody",
  everyoneBut: "anybody but {who}",
  account: "account {account}",
  accountThis: "this account",
  user: "user {name} of {account}",
  userThis: "user {name}",
  role: "role {name} of {account}",
  roleThis: "role {name}",
  session: "session {name}",
  service: "service {name}",
  oidc: "{name} (web identity)",
  saml: "{name} (SAML)",
  gone: "a deleted user or role ({id})",
  other: "{value}",
  none: "Nobody",
  unreadable: "Not readable",
  denied: "Denied: {who}",

  mfa: "with MFA",
  mfaAge: "with MFA at most {seconds} seconds old",
  externalId: "with an external ID",
  address: "from {addresses}",
  organization: "in organization {ids}",
  condition: "if {operator} {key} {values}",
});
