/** How a test signs in, goes to a page, and asks what the browser holds. */
import { type BrowserContext, expect, type Page } from "@playwright/test";
import type { Server } from "./server";
import type { User } from "./world";

/** As GET /_regent/signin/sessions tells it. */
export interface Session {
  id: string;
  kind: "user" | "root" | "role" | "federated";
  accountId: string;
  accountAlias: string;
  arn: string;
  userName: string;
  roleName: string;
  origin: string;
  displayName: string;
  color: string;
  mfa: boolean;
  expiresAt: string;
  idleExpiresAt: string;
}

export const consolePath = "/_regent/console/";

/**
 * Fills in the sign-in form and, where the user has a device, the code; then the browser is where `back` says. `site` is
 * another name of the server.
 */
export async function signIn(page: Page, who: User, back = consolePath, site = who.server.site): Promise<Session> {
  await submitSignIn(page, who, back, site);
  await page.waitForURL((url) => url.pathname.startsWith(consolePath));
  const path = new URL(page.url()).pathname;
  const { sessions } = await sessionsOf(page);
  const named = /\/~([^/]+)/.exec(path)?.[1];
  const session = sessions.find((s) => (named ? s.id === named : s.kind === "user" && s.arn === who.arn));
  if (!session) throw new Error(`no session of ${who.arn} after signing in; at ${path}`);
  return session;
}

/** Fills in the sign-in form as somebody would, whether it is then let in or not. */
export async function submitSignIn(page: Page, who: User, back = consolePath, site = who.server.site): Promise<void> {
  const query = new URLSearchParams({ account: who.account.alias || who.account.id, return: back });
  await page.goto(`${site}/_regent/signin?${query}`);
  await page.getByLabel("IAM user name").fill(who.user);
  await page.getByLabel("Password").fill(who.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  if (who.totp) {
    await page.getByLabel(/Code/).fill(await who.totp.code());
    await page.getByRole("button", { name: "Continue" }).click();
  }
}

/** Goes to a page of the console by its path below the session, such as `/iam/roles`. */
export async function open(page: Page, session: Session | string, path: string): Promise<void> {
  const id = typeof session === "string" ? session : session.id;
  await page.goto(`${new URL(page.url()).origin}${consolePath}~${id}${path}`);
  await expect(page.locator("h1, [role=heading][aria-level='1']").first()).toBeVisible();
}

/** Makes one of the console's own JSON calls, as its page would. */
export async function call<T>(page: Page, path: string, body?: unknown): Promise<{ status: number; answer: T }> {
  return page.evaluate(
    async ([path, body]) => {
      const response = await fetch(`/_regent/signin/${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          "X-Regent-Console": localStorage.getItem("regent-console") ?? "1",
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const rotated = response.headers.get("X-Regent-Console");
      if (rotated) localStorage.setItem("regent-console", rotated);
      return { status: response.status, answer: (await response.json()) as never };
    },
    [path, body] as const,
  );
}

export interface Sessions {
  sessions: Session[];
  history: Record<string, { account: string; roleName: string }[]>;
  pinned: Record<string, { account: string; roleName: string }[]>;
}

export async function sessionsOf(page: Page): Promise<Sessions> {
  const { status, answer } = await call<Sessions>(page, "sessions");
  if (status !== 200) throw new Error(`sessions: ${status} ${JSON.stringify(answer)}`);
  return answer;
}

/** The session cookies that the browser would send to the server's console. */
export async function cookies(context: BrowserContext, server: Server) {
  const all = await context.cookies(`${server.site}${consolePath}`);
  return all.filter((c) => /^(__Host-regent|regent-[^-]{12})$/.test(c.name));
}

/** Switches the page between the light and the dark mode of the system. */
export async function inMode(page: Page, mode: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme: mode });
}
