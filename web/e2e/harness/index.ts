/** What specs import: Playwright's test with Regent's fixtures, and what they are used with. */
import { test as base, expect } from "@playwright/test";
import { Server } from "./server";
import { type Page as SitePage, Site } from "./site";
import { Watch } from "./watch";
import { makeWorld, type World } from "./world";

interface Tests {
  /** Those that were started for this test. */
  servers: Server[];
  /** Starts a server of the test's own, which ends with it. */
  startServer: (...flags: string[]) => Promise<Server>;
  /** The same, whose root can sign in to the console with this password. */
  startServerWithRoot: (password: string, ...flags: string[]) => Promise<Server>;
  /** The same with the accounts prod and dev. */
  startWorld: (...flags: string[]) => Promise<World>;
  /** The same with TLS, at https://regent.example: the test needs `test.use({ ignoreHTTPSErrors: true })`. */
  startSecureWorld: (...flags: string[]) => Promise<World>;
  /** Starts somebody else's site on another port, which pages of this test may ask. */
  startSite: (pages?: Record<string, SitePage>) => Promise<Site>;
  watch: Watch;
}

interface Workers {
  /** The accounts prod and dev of a server that all tests of the worker share: names are unique, nothing is counted. */
  world: World;
}

export const test = base.extend<Tests, Workers>({
  world: [
    async ({}, use) => {
      const server = await Server.start();
      await use(await makeWorld(server));
      await server.stop();
    },
    { scope: "worker" },
  ],

  watch: [
    async ({ context }, use, info) => {
      const watch = new Watch();
      await watch.follow(context);
      await use(watch);
      // A test that failed says why itself; what was seen may still be the cause.
      const found = watch.findings();
      if (info.status === info.expectedStatus) expect(found, "pages did what none may do").toEqual([]);
      else if (found.length > 0) await info.attach("seen", { body: found.join("\n") });
    },
    { auto: true },
  ],

  servers: async ({ context }, use) => {
    const servers: Server[] = [];
    await use(servers);
    await Promise.all(context.pages().map((page) => page.close())); // what they ask then is no failure of theirs
    await Promise.all(servers.map((server) => server.stop()));
  },

  startServer: async ({ servers }, use) => {
    await use(async (...flags) => {
      const server = await Server.start(...flags);
      servers.push(server);
      return server;
    });
  },

  startServerWithRoot: async ({ servers }, use) => {
    await use(async (password, ...flags) => {
      const server = await Server.startWithRoot(password, ...flags);
      servers.push(server);
      return server;
    });
  },

  startWorld: async ({ startServer }, use) => {
    await use(async (...flags) => makeWorld(await startServer(...flags)));
  },

  startSecureWorld: async ({ servers }, use) => {
    await use(async (...flags) => {
      const server = await Server.startSecure(...flags);
      servers.push(server);
      return makeWorld(server);
    });
  },

  startSite: async ({ context, watch }, use) => {
    const sites: Site[] = [];
    await use(async (pages) => {
      const site = await Site.start(pages);
      sites.push(site);
      watch.trust(site.url);
      return site;
    });
    await Promise.all(context.pages().map((page) => page.close()));
    for (const site of sites) site.stop();
  },
});

export { expect };
export * from "./axe";
export * from "./browser";
export { authenticator, byName, register } from "./passkey";
export { type Key, program, Server } from "./server";
export { Site } from "./site";
export { Authenticator, seedOf, totp } from "./totp";
export { Watch } from "./watch";
export * from "./world";
