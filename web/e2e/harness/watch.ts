/**
 * What no page may do, whatever a test is about: break a policy or send one that is not understood, write an error, throw, ask another
 * machine for anything, or get an answer of 5xx. A test that is about one of these says so beforehand: `watch.allow`.
 */
import type { BrowserContext, Page } from "@playwright/test";
import { origins } from "./server";

export class Watch {
  private readonly seen: string[] = [];
  private readonly allowed: RegExp[] = [];
  private readonly trusted = new Set<string>();

  /** Lets pages of this test ask origins that are no server of Regent's. */
  trust(...urls: string[]): void {
    for (const url of urls) this.trusted.add(new URL(url).origin);
  }

  /** Lets through what matches: what was seen reads as in the message of a failure. */
  allow(...patterns: RegExp[]): void {
    this.allowed.push(...patterns);
  }

  /** What was seen so far and was not allowed. */
  findings(): string[] {
    return this.seen.filter((text) => !this.allowed.some((pattern) => pattern.test(text)));
  }

  async follow(context: BrowserContext): Promise<void> {
    await context.exposeBinding("regentViolation", (_, what: string) => this.see("csp", what));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (e) => {
        const report = (globalThis as unknown as { regentViolation(what: string): void }).regentViolation;
        report(`${e.effectiveDirective} blocked ${e.blockedURI} at ${e.documentURI}:${e.lineNumber} ${e.sample}`);
      });
    });
    for (const page of context.pages()) this.followPage(page);
    context.on("page", (page) => this.followPage(page));
    context.on("weberror", (e) => this.see("thrown", e.error().stack ?? String(e.error())));
    context.on("request", (request) => {
      const url = new URL(request.url());
      // What hostile names would load if anything took them for markup.
      if (url.pathname.endsWith("/xss-probe")) this.see("markup", request.url());
      const known = origins.has(url.origin) || this.trusted.has(url.origin);
      if (/^(https?|wss?):$/.test(url.protocol) && !known) this.see("third party", request.url());
    });
    context.on("response", (response) => {
      if (response.status() >= 500)
        this.see("answer", `${response.status()} ${response.request().method()} ${response.url()}`);
    });
  }

  private followPage(page: Page): void {
    page.on("console", (message) => {
      const seen = message.type() === "error" || (message.type() === "warning" && /polic(y|ies)/i.test(message.text()));
      // An answer of 4xx is how a server says no: pages show it. The browser writes it here by itself.
      if (!seen || /^Failed to load resource: .* status of 4\d\d/.test(message.text())) return;
      this.see("console", `${message.text()} (${message.location().url})`);
    });
    page.on("crash", () => this.see("crash", page.url()));
  }

  private see(kind: string, text: string): void {
    this.seen.push(`${kind}: ${text}`);
  }
}
