/** Somebody else's site, on another port of this machine: what it serves, and what browsers sent it. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Page {
  html: string;
  headers?: Record<string, string | string[]>;
}

export class Site {
  /** The requests, in order. */
  readonly asked: { path: string; headers: IncomingHttpHeaders }[] = [];

  private constructor(
    private readonly server: HttpServer,
    readonly url: string,
  ) {}

  /** Starts a site with these pages by path; every other path is an empty page. */
  static async start(pages: Record<string, Page> = {}): Promise<Site> {
    const server = createServer((request, answer) => {
      const path = new URL(request.url ?? "/", "http://site").pathname;
      site.asked.push({ path, headers: request.headers });
      const page = pages[path] ?? { html: "" };
      answer.setHeader("Content-Type", "text/html; charset=utf-8");
      for (const [name, value] of Object.entries(page.headers ?? {})) answer.setHeader(name, value);
      answer.end(`<!doctype html><link rel="icon" href="data:,">${page.html}`);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const site = new Site(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return site;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
