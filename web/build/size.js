// Holds the budget of what a browser loads, in gzip: the first page, and what each route loads beyond it.
import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL("../../internal/console/dist/", import.meta.url));

const firstPage = 700_000;
const route = 200_000;

// The graph's layout engine alone is larger than the budget: whoever opens the graph waits for it, nobody else.
const unbounded = /^src\/pages\/graph\//;

/** @typedef {{ file: string, css?: string[], imports?: string[], dynamicImports?: string[], isEntry?: boolean, isDynamicEntry?: boolean }} Chunk */

/** @type {Record<string, Chunk>} */
const manifest = JSON.parse(await readFile(dist + "manifest.json", "utf8"));

/**
 * All files that a chunk needs before it runs.
 * @param {string} key
 * @param {Set<string>} files
 * @param {Set<string>} seen
 */
function needed(key, files = new Set(), seen = new Set()) {
  if (seen.has(key)) return files;
  seen.add(key);
  const chunk = manifest[key];
  if (!chunk) throw new Error(`${key} is not in the manifest`);
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const next of chunk.imports ?? []) needed(next, files, seen);
  return files;
}

/** @param {Set<string>} files */
async function weigh(files) {
  const sizes = await Promise.all(
    [...files].map(async (file) => (await stat(`${dist}${file}.gz`).catch(() => stat(dist + file))).size),
  );
  return sizes.reduce((a, b) => a + b, 0);
}

const entries = Object.keys(manifest);
const entry = entries.find((key) => manifest[key]?.isEntry);
const home = entries.find((key) => key === "src/pages/home/home.tsx");
if (!entry || !home) throw new Error("the build has no entry or no home page");

const first = needed(entry);
needed(home, first);

let failed = false;
/**
 * @param {string} name
 * @param {number} size
 * @param {number} budget
 */
function report(name, size, budget) {
  const over = size > budget;
  failed ||= over;
  console.log(`${(size / 1000).toFixed(0).padStart(6)} kB  ${name}${over ? `   over ${budget / 1000} kB` : ""}`);
}

console.log("what a browser loads, in gzip");
report("first page", await weigh(first), firstPage);
for (const key of entries.filter((k) => manifest[k]?.isDynamicEntry && k !== home).sort()) {
  const more = new Set([...needed(key)].filter((file) => !first.has(file)));
  report(key, await weigh(more), unbounded.test(key) ? Infinity : route);
}
process.exit(failed ? 1 : 0);
