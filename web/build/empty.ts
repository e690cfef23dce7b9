import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "vite";

/**
 * Empties the directory of the last build but for the page that stands in for one: that page is in git, so that the
 * server can be built without Node. Vite's own emptyOutDir would take it too.
 */
export function emptyBut(keep: string): Plugin {
  return {
    name: "regent-empty-but",
    apply: "build",
    async buildStart() {
      const dir = this.environment.config.build.outDir;
      const root = this.environment.config.root;
      const out = join(root, dir);
      const names = await readdir(out).catch(() => []);
      await Promise.all(names.filter((n) => n !== keep).map((n) => rm(join(out, n), { recursive: true })));
    },
  };
}
