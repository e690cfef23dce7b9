/// <reference types="node" />
/** Documents for tests: those of the engine's and the linter's archives, and what AWS manages. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const root = join(fileURLToPath(import.meta.url), "../../../../../");

/** A document of the linter's archives with what the server says of it. */
export interface Linted {
  text: string;
  /** trust, bucket, scp, …; that of the archive when the file has none of its own. */
  kind: string;
  findings: { findingType: string; issueCode: string; findingDetails: string; locations: Location[] }[];
}

interface Location {
  path: string;
  span: { start: { offset: number }; end: { offset: number } };
}

/** linted returns the documents of the linter's archives. */
export function linted(): Linted[] {
  const found: Linted[] = [];
  for (const name of readdirSync(`${root}policy/lint/testdata`)) {
    const parts = readFileSync(`${root}policy/lint/testdata/${name}`, "utf8").split(/^-- (.*) --\n/m);
    const files = new Map<string, string>();
    for (let i = 1; i < parts.length; i += 2) files.set(parts[i] ?? "", parts[i + 1] ?? "");
    const kind = /^Kind: (.*)$/m.exec(parts[0] ?? "")?.[1] ?? "identity";
    for (const [file, text] of files) {
      const want = file.endsWith(".json") && files.get(file.replace(/json$/, "want"));
      if (!want) continue;
      const findings: Linted["findings"] = [];
      for (const line of want.trimEnd().split("\n")) {
        const head = /^([A-Z_]+) ([A-Z_0-9-]+): (.*)$/.exec(line);
        const place = /^\t(\S*).* \((\d+)-(\d+)\)$/.exec(line);
        if (head)
          findings.push({ findingType: head[1]!, issueCode: head[2]!, findingDetails: head[3]!, locations: [] });
        const span = { start: { offset: Number(place?.[2]) }, end: { offset: Number(place?.[3]) } };
        if (place) findings.at(-1)?.locations.push({ path: place[1]!, span });
      }
      found.push({ text, kind: /\.([a-z-]+)\.json$/.exec(file)?.[1] ?? kind, findings });
    }
  }
  return found;
}

/** archived returns the JSON files of all archives, the broken ones too. */
export function archived(): string[] {
  const found: string[] = [];
  for (const folder of ["policy/testdata/decide", "policy/testdata/save", "policy/lint/testdata"]) {
    for (const name of readdirSync(root + folder).filter((n) => n.endsWith(".txtar"))) {
      const parts = readFileSync(`${root}${folder}/${name}`, "utf8").split(/^-- (.*) --\n/m);
      for (let i = 1; i < parts.length; i += 2) if (parts[i]?.endsWith(".json")) found.push(parts[i + 1] ?? "");
    }
  }
  return found;
}

/** managed returns the documents of AWS's managed policies, each on one line. */
export function managed(): string[] {
  const data = gunzipSync(readFileSync(`${root}catalog/data/managed-policies.ndjson.gz`)).toString("utf8");
  return data
    .trimEnd()
    .split("\n")
    .map((line) => JSON.stringify((JSON.parse(line) as { document: unknown }).document));
}
