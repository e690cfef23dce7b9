import { catalogue } from "..";

/** The credential report. */
export default catalogue("credential-report", {
  title: "Credential report",
  description: "How old the credentials of everybody in this account are, and when they were last used.",
  made: "Made {time}. The server makes another when this one is four hours old.",
  file: "Download the server's CSV",
  empty: "Nobody is in it",
  emptyText: "A report has a line for root and one for each user.",
  user: "User",
  root: "root",
  arn: "ARN",
  created: "Created",
  password: "Password",
  passwordUsed: "Password last used",
  passwordChanged: "Password last changed",
  passwordRotation: "Password expires",
  mfa: "MFA",
  keyActive: "Key {n, number} active",
  keyRotated: "Key {n, number} created",
  keyUsed: "Key {n, number} last used",
  keyUsedFor: "Key {n, number} last used for",
  keyAge: "Oldest active key, days",
  keyUnused: "Key unused, days",
  certificates: "Signing certificates",
});
