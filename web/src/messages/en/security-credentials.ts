import { catalogue } from "..";

/** The page about one's own credentials. */
export default catalogue("security-credentials", {
  title: "Security credentials",
  description: "How {name} signs in, and what programs sign with in their name.",

  roleTitle: "You are in a role",
  roleText: "A role has no credentials of its own. Those of {user} are shown in the session of {user}.",
  roleAct: "Go to the session of {user}",
  federatedTitle: "You came from elsewhere",
  federatedText:
    "Your password and devices are kept where you signed in. There is nothing of yours to be changed here.",

  who: "You",
  account: "Account",
  arn: "ARN",
  signedIn: "Signed in",
  signedInMfa: "With MFA, {time}",
  signedInNoMfa: "Without MFA, {time}",
  sessionEnds: "Session ends",

  passwordTitle: "Password",
  passwordText: "Changing it ends all your console sessions, this one too: you sign in again with the new one.",
  passwordOld: "Current password",
  passwordNew: "New password",
  passwordAgain: "New password again",
  passwordDiffers: "The two are not the same.",
  passwordMissing: "It is needed.",
  passwordWrong: "That is not the current password.",
  passwordSame: "This is the current one.",
  passwordAct: "Change password",
  passwordRoot: "The password of root is set on the machine that the server runs on, while it does not run:",

  everywhereTitle: "Sign out everywhere",
  everywhereText:
    "Ends every console session of {name}, in this browser and all others, and the credentials and roles that came from them. Access keys go on working.",
  everywhereAct: "Sign out everywhere",
  everywhereAsk: "Sign out everywhere?",
});
