/** How one session talks to the server: its credentials, its clients, and what is done when the server wants more. */
import { clockOffset } from "./clock";
import { credentialsOf, type CredentialsProvider } from "./credentials";
import { wantsNewCredentials, wantsReauthentication } from "./errors";
import { getCredentials, SessionsError } from "./sessions";

/** What every client is made with. */
export interface ClientConfig {
  endpoint: string;
  region: string;
  credentials: CredentialsProvider;
  systemClockOffset: number;
  /** Of S3; the others ignore it. Bucket names in the host name would be other origins. */
  forcePathStyle: boolean;
}

type Next = (args: unknown) => Promise<unknown>;

/** As much of an SDK client as is needed to make one and to stand in its way. */
interface Client {
  middlewareStack: object;
  destroy: () => void;
}

interface Stack {
  add: (middleware: (next: Next) => Next, options: { step: "initialize"; name: string; priority: "high" }) => void;
}

type ClientClass<C extends Client> = new (config: never) => C;

export class Connection {
  readonly credentials: CredentialsProvider;
  private readonly clients = new Map<unknown, Client>();

  constructor(
    readonly session: string,
    readonly region: string,
    /** Asks who is there; whether it is them. */
    private readonly askAgain: () => Promise<boolean>,
    /** Is told when the server gives no more credentials: the session has ended. */
    onEnded: (error: SessionsError) => void,
    readonly endpoint = apiOrigin(),
    ask = getCredentials,
  ) {
    this.credentials = credentialsOf(session, async (id) => {
      try {
        return await ask(id);
      } catch (error) {
        if (error instanceof SessionsError && (error.signedOut || error.code === "RoleRefused")) onEnded(error);
        throw error;
      }
    });
  }

  config(): ClientConfig {
    return {
      endpoint: this.endpoint,
      region: this.region,
      credentials: this.credentials,
      systemClockOffset: clockOffset(),
      forcePathStyle: true,
    };
  }

  /** Returns the session's client of a class of the SDK; it is made once. */
  client<C extends Client>(of: ClientClass<C>): C {
    let made = this.clients.get(of) as C | undefined;
    if (made === undefined) {
      made = new of(this.config() as never);
      const guard = (next: Next) => (args: unknown) => this.guard(() => next(args));
      (made.middlewareStack as Stack).add(guard, { step: "initialize", name: "regentGuard", priority: "high" });
      this.clients.set(of, made);
    }
    return made;
  }

  /**
   * Does a call, and once more with new credentials where the server no longer takes these, or where it asks who is
   * there and the user answers. Nothing was done by the call that was refused, so it may be repeated.
   */
  async guard<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (wantsReauthentication(error)) {
        if (!(await this.askAgain())) throw error;
      } else if (!wantsNewCredentials(error)) {
        throw error;
      }
      this.credentials.forget();
      return await call();
    }
  }

  close(): void {
    this.credentials.close();
    for (const client of this.clients.values()) client.destroy();
    this.clients.clear();
  }
}

/** The origin of the APIs: the page's own, unless the server that served the page says otherwise. */
export function apiOrigin(): string {
  const told = document.querySelector<HTMLMetaElement>('meta[name="regent-api"]')?.content ?? "";
  return /^https?:\/\//.test(told) ? told : location.origin;
}
