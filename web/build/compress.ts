import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompress, constants, gzip } from "node:zlib";
import { promisify } from "node:util";
import type { Plugin } from "vite";

const br = promisify(brotliCompress);
const gz = promisify(gzip);

/** What is worth compressing: fonts and pictures already are. */
const compressible = /\.(js|css|svg|json|wasm)$/;

/**
 * Writes a .br and a .gz beside each asset, so that the server compresses nothing per answer. The page itself is left
 * as it is: each answer of it carries its own nonce.
 */
export function compress(): Plugin {
  return {
    name: "regent-compress",
    apply: "build",
    async writeBundle(options) {
      const assets = join(options.dir ?? "", "assets");
      for (const name of await readdir(assets)) {
        if (!compressible.test(name)) continue;
        const file = join(assets, name);
        const body = await readFile(file);
        const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
        await writeFile(file + ".br", await br(body, { params }));
        await writeFile(file + ".gz", await gz(body, { level: 9 }));
      }
    },
  };
}
