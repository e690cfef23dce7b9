/**
 * The JSON calls under /_regent/signin/: who is signed in in this browser, and what the shell does about it. They are
 * authorized by the cookie, which this page cannot read, and by the header X-Regent-Console, which no other origin can
 * send.
 */
import { learnClock } from "./clock";

/** A federated session is of credentials that somebody brought: of a role, or of a federated user. */
export type SessionKind = "user" | "root" | "role" | "federated";

export interface Session {
  id: string;
  kind: SessionKind;
  accountId: string;
  accountAlias: string;
  accountName: string;
  arn: string;
  userName: string;
  /** With its path, without a leading slash. */
  roleName: string;
  /** Of a role session: the id of the session whose identity assumed the role. */
  origin: string;
  displayName: string;
  /** Of a federated session: where its user signs in again, if anywhere in particular. */
  issuer?: string;
  color: string;
  mfa: boolean;
  signedInAt: string;
  expiresAt: string;
  idleExpiresAt: string;
  reauthenticatedAt: string;
}

/** A role that was switched to, or pinned. */
export interface Role {
  account: string;
  accountAlias: string;
  roleName: string;
  displayName: string;
  color: string;
}

export interface Sessions {
  sessions: Session[];
  history: Record<string, Role[]>;
  pinned: Record<string, Role[]>;
  region: string;
}

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: string;
}

export interface SwitchRole {
  session: string;
  account: string;
  roleName: string;
  displayName: string;
  color: string;
}

/** Something that the server refused to do for this browser. */
export class SessionsError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** What the user's own side says about a refused switch or renewal. */
    readonly why: string[] = [],
    /** Seconds to wait. */
    readonly retryAfter: number | undefined = undefined,
  ) {
    super(message || code);
    this.name = "SessionsError";
  }

  /** Whether the session that was named, or all of them, have ended. */
  get signedOut(): boolean {
    return this.status === 401;
  }
}

export const signin = "/_regent/signin";

const secretKey = "regent-console";

/** The second secret of a loopback http origin; on https there is none and the header says 1. */
function secret(): string {
  return localStorage.getItem(secretKey) ?? "1";
}

/**
 * Makes a call. Where another tab was faster, and the browser has a new cookie since, it is made again with that one:
 * nothing was done by the first.
 */
async function call<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  try {
    return await callOnce<T>(path, body, signal);
  } catch (error) {
    if (!(error instanceof SessionsError) || error.code !== "Superseded") throw error;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return callOnce<T>(path, body, signal);
  }
}

async function callOnce<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await fetch(`${signin}/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      "X-Regent-Console": secret(),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
    cache: "no-store",
    redirect: "error",
    signal,
  });
  const rotated = response.headers.get("X-Regent-Console");
  if (rotated) localStorage.setItem(secretKey, rotated);
  learnClock(response.headers.get("Date"));
  const text = await response.text();
  if (response.ok) return (text === "" ? {} : JSON.parse(text)) as T;
  throw failure(response, text);
}

function failure(response: Response, text: string): SessionsError {
  let answer: { error?: { code?: string; message?: string }; why?: string[] } = {};
  try {
    answer = JSON.parse(text);
  } catch {
    // Not ours: a proxy's page. Its status says enough.
  }
  const retry = Number(response.headers.get("Retry-After"));
  return new SessionsError(
    response.status,
    answer.error?.code ?? (response.status === 401 ? "SignedOut" : `Http${response.status}`),
    answer.error?.message ?? "",
    Array.isArray(answer.why) ? answer.why : [],
    retry > 0 ? retry : undefined,
  );
}

export const getSessions = (signal?: AbortSignal) => call<Sessions>("sessions", undefined, signal);

export const getCredentials = (session: string) => call<Credentials>("credentials", { session });

export const reportActivity = (session: string) =>
  call<{ idleExpiresAt: string; expiresAt: string }>("activity", { session });

export const switchRole = (input: SwitchRole) => call<{ session: Session }>("switchrole", input);

export const pinRole = (session: string, role: Role, pinned: boolean) =>
  call<{ pinned: Role[] }>("pins", { session, role, pinned });

export const exitRole = (session: string) => call<{ session: string }>("exit", { session });

export const signOut = (session: string) => call<{ sessions: Session[] }>("signout", { session });

export const signOutOfBrowser = () => call<{ sessions: Session[] }>("signout", { all: true });

export const signOutEverywhere = (session: string) =>
  call<{ sessions: Session[] }>("signout", { everywhere: true, session });

/** By what a signed-in user can prove again who they are, beside the password. */
export interface ReauthOptions {
  codes: boolean;
  passkey: PublicKeyCredentialRequestOptionsJSON | null;
}

export const reauthOptions = (session: string) => call<ReauthOptions>("reauth/options", { session });

export const reauthenticate = (session: string, proof: { password?: string; code?: string; credential?: unknown }) =>
  call<{ reauthenticatedAt: string }>("reauth", { session, ...proof });

export const passkeyOptions = (session: string, userName: string) =>
  call<PublicKeyCredentialCreationOptionsJSON>("passkeys/options", { session, userName });

export const registerPasskey = (session: string, userName: string, deviceName: string, credential: unknown) =>
  call<{ serialNumber: string }>("passkeys", { session, userName, deviceName, credential });

/** The address of the sign-in page, which leads back to a path of the console. */
export function signInAddress(back: string, account = ""): string {
  const query = new URLSearchParams({ return: back });
  if (account !== "") query.set("account", account);
  return `${signin}?${query}`;
}
