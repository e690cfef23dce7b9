/**
 * The temporary credentials of a session. They live in this closure and nowhere else: not in storage, not in the query
 * cache, not in a log, not in an address.
 */
import { clockOffset, now } from "./clock";
import { getCredentials } from "./sessions";

/** What the AWS SDK takes. */
export interface Identity {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: Date;
}

export interface CredentialsProvider {
  (): Promise<Identity>;
  /** The SDK would keep a copy of its own otherwise, which {@link CredentialsProvider.forget} could not reach. */
  memoized: true;
  /** The next request gets new credentials: after reauthentication, or when the server refused these. */
  forget(): void;
  /** Stops watching the page. */
  close(): void;
}

/** With less than this left, credentials are renewed before they are used. */
export const renewBefore = 5 * 60_000;

/**
 * Returns the provider of a session's credentials. One answer serves all requests until little time is left; requests
 * that need new ones together ask once. A hidden page asks for nothing, and one that comes back after sleep renews
 * before its first request.
 */
export function credentialsOf(session: string, ask = getCredentials): CredentialsProvider {
  let current: Identity | undefined;
  let renewAt = 0;
  let asking: Promise<Identity> | undefined;
  let generation = 0;

  const fresh = () => current !== undefined && now() < renewAt;

  const renew = () => {
    if (asking) return asking;
    const mine = generation;
    const promise = ask(session)
      .then((answer) => {
        const identity: Identity = {
          accessKeyId: answer.accessKeyId,
          secretAccessKey: answer.secretAccessKey,
          sessionToken: answer.sessionToken,
          expiration: new Date(answer.expiration),
        };
        // An answer that was asked for before forget() must not be kept after it.
        if (mine === generation) {
          current = identity;
          // The last ones before a sign-in ends are short: half of what they have is used.
          const left = identity.expiration.getTime() - now();
          renewAt = now() + Math.max(left - renewBefore, left / 2);
        }
        return identity;
      })
      .finally(() => {
        if (asking === promise) asking = undefined;
      });
    asking = promise;
    return promise;
  };

  const visible = () => {
    if (document.visibilityState === "visible" && current && !fresh()) {
      renew().catch(() => {
        // The request that needs them asks again and shows what is wrong.
      });
    }
  };
  document.addEventListener("visibilitychange", visible);

  return Object.assign(() => (fresh() && current ? Promise.resolve(asSigned(current)) : renew().then(asSigned)), {
    memoized: true as const,
    forget() {
      generation++;
      current = undefined;
      asking = undefined;
    },
    close() {
      document.removeEventListener("visibilitychange", visible);
      current = undefined;
    },
  });
}

/**
 * The SDK compares expiration with the browser's clock and refuses to sign with what has expired: it is told the end
 * on that clock.
 */
function asSigned(identity: Identity): Identity {
  return { ...identity, expiration: new Date(identity.expiration.getTime() - clockOffset()) };
}
