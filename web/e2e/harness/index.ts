/** What specs import: Playwright's test with Regent's fixtures, and what they are used with. */
import { test as base, expect } from "@playwright/test";
import { Server } from "./server";
import { Watch } from "./watch";
import { makeWorld, type World } from "./world";

interface Tests {
  /** Starts a server of the test's own, which ends with it. */
  startServer: (...flags: string[]) => Promise<Server>;
  /** The same with the accounts prod and dev. */
  startWorld: (...flags: string[]) => Promise<World>;
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

  startServer: async ({}, use) => {
    const servers: Server[] = [];
    await use(async (...flags) => {
      const server = await Server.start(...flags);
      servers.push(server);
      return server;
    });
    await Promise.all(servers.map((server) => server.stop()));
  },

  startWorld: async ({ startServer }, use) => {
    await use(async (...flags) => makeWorld(await startServer(...flags)));
  },
});

export { expect };
export * from "./axe";
export * from "./browser";
export { type Key, Server } from "./server";
export { Authenticator, seedOf, totp } from "./totp";
export { Watch } from "./watch";
export * from "./world";
