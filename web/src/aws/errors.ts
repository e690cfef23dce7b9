/** What went wrong with a request, in the few kinds that the console shows differently. */
import { SessionsError } from "./sessions";

export interface Denied {
  kind: "denied";
  /** iam:ListUsers; empty where the server did not say (ST-66, S3-52). */
  action: string;
  /** The ARN; empty where the server did not say. */
  resource: string;
  /** Who was refused. */
  principal: string;
  /** Which layer refused, when the caller may know: the end of the server's sentence. */
  because: string;
  /** Whether a policy denies it, so that no further allow would help. */
  explicit: boolean;
  requestId: string;
  /** An encoded authorization failure message, when the answer carried one. */
  encoded: string;
  message: string;
}

export type Problem =
  | Denied
  /** The session has ended, or the role's trust was withdrawn (then why says so). */
  | { kind: "ended"; message: string; why: string[] }
  | { kind: "notFound"; code: string; message: string; requestId: string }
  | { kind: "throttled"; message: string; requestId: string }
  | { kind: "network"; message: string }
  | { kind: "failed"; code: string; message: string; requestId: string };

/** The message with which the server asks for the password or a code again (TH-90). */
const reauthentication = /^Reauthentication required:/;

const denials = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "UnauthorizedOperation",
  "AccessDeniedForDependencyException",
  "Forbidden",
  "403",
]);

const expiries = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "InvalidAccessKeyId", // S3's word for it: a session that was revoked is none
  "UnrecognizedClientException",
  "InvalidToken",
]);

const throttles = new Set([
  "Throttling",
  "ThrottlingException",
  "SlowDown",
  "TooManyRequests",
  "TooManyRequestsException",
  "RequestLimitExceeded",
]);

interface ServiceError {
  name?: string;
  Code?: string;
  message?: string;
  $metadata?: { requestId?: string; httpStatusCode?: number };
}

const codeOf = (error: ServiceError) =>
  error instanceof SessionsError ? error.code : (error.Code ?? error.name ?? "");

/** Whether the server asks who is there before it does what it was asked. */
export function wantsReauthentication(error: unknown): boolean {
  const e = error as ServiceError;
  return denials.has(codeOf(e)) && reauthentication.test(e.message ?? "");
}

/** Whether the server no longer takes the credentials that the request was signed with. */
export function wantsNewCredentials(error: unknown): boolean {
  return expiries.has(codeOf(error as ServiceError));
}

/** Returns what went wrong as something that can be shown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof SessionsError) return sessionProblem(error);
  const e = (error ?? {}) as ServiceError;
  const code = codeOf(e);
  const message = e.message ?? "";
  const requestId = e.$metadata?.requestId ?? "";
  const status = e.$metadata?.httpStatusCode;
  if (denials.has(code) || (status === 403 && !expiries.has(code))) return deniedOf(message, requestId);
  if (expiries.has(code)) return { kind: "ended", message, why: [] };
  if (throttles.has(code) || status === 429) return { kind: "throttled", message, requestId };
  if (status === undefined && isNetworkError(e)) return { kind: "network", message };
  if (status === 404 || /^NoSuch|NotFound/.test(code)) return { kind: "notFound", code, message, requestId };
  return { kind: "failed", code: code || "Error", message, requestId };
}

function sessionProblem(error: SessionsError): Problem {
  if (error.signedOut || error.code === "RoleRefused") return { kind: "ended", message: error.message, why: error.why };
  if (error.status === 429) return { kind: "throttled", message: error.message, requestId: "" };
  // A call of IAM's that the server made for this one was refused.
  if (denials.has(error.code)) return deniedOf(error.message, "");
  return { kind: "failed", code: error.code, message: error.message, requestId: "" };
}

/** fetch says TypeError in every browser when there was no answer; the SDK passes it on or says TimeoutError. */
function isNetworkError(error: ServiceError): boolean {
  return error instanceof TypeError || error.name === "TimeoutError" || error.name === "NetworkError";
}

/** The forms that AWS, and so Regent, give a refusal: S3 puts the resource in quotes, some say no resource. */
const refusal = new RegExp(
  [
    /^(?:User: (?<principal>\S+) is not authorized to perform: |Not authorized to perform )(?<action>[\w-]+:\w+)/,
    /(?: on resource: (?:"(?<quoted>[^"]*)"|(?<resource>.+?)))?/,
    /(?: (?<because>because .*|with an explicit deny .*))?$/,
  ]
    .map((part) => part.source)
    .join(""),
  "s",
);
const encodedMessage = /Encoded authorization failure message: (\S+)/;

function deniedOf(message: string, requestId: string): Denied {
  const groups = refusal.exec(message)?.groups ?? {};
  return {
    kind: "denied",
    action: groups.action ?? "",
    resource: groups.quoted ?? groups.resource ?? "",
    principal: groups.principal ?? "",
    because: groups.because ?? "",
    explicit: groups.because?.startsWith("with an explicit deny") ?? false,
    encoded: encodedMessage.exec(message)?.[1] ?? "",
    requestId,
    message,
  };
}

/**
 * A policy that would allow what was refused, for an administrator to judge; undefined where the refusal does not say
 * what that is, or where an allow would not help.
 */
export function policyFor(denied: Denied): string | undefined {
  if (denied.action === "" || denied.resource === "" || denied.explicit) return undefined;
  const statement = { Effect: "Allow", Action: denied.action, Resource: denied.resource };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] }, null, 2);
}
