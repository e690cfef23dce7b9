import { catalogue } from "..";

/** What a password has to be. */
export default catalogue("password", {
  rulesTitle: "What the password has to be",
  ruleLength: "{length, plural, one {At least # character} other {At least # characters}}",
  ruleUpper: "An uppercase letter (A–Z)",
  ruleLower: "A lowercase letter (a–z)",
  ruleNumber: "A digit",
  ruleSymbol: "One of {symbols}",
  ruleClasses: "Three of these four: uppercase letters, lowercase letters, digits, {symbols}",
  ruleName: "Not the name or the e-mail address of the account",
  ruleReuse: "{count, plural, one {Not the last password} other {None of the last # passwords}}",
  ruleMet: "Met",
  ruleOpen: "Not yet",
  rulesHidden: "You may not read the account's password policy: the server says if the password will not do.",
});
