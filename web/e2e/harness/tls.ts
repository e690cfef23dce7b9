/** A certificate of a test's own, which its clients trust and its browser is told not to check. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Certificate {
  /** Names of files. */
  cert: string;
  key: string;
  pem: string;
}

let made: Promise<Certificate> | undefined;

/** Returns the worker's certificate, for this machine and *.regent.example. Go, which built the server, makes it. */
export function certificate(): Promise<Certificate> {
  made ??= make();
  return made;
}

async function make(): Promise<Certificate> {
  const dir = await mkdtemp(join(tmpdir(), "regent-e2e-tls-"));
  const { stdout: goroot } = await run("go", ["env", "GOROOT"]);
  const program = join(goroot.trim(), "src/crypto/tls/generate_cert.go");
  const hosts = "127.0.0.1,localhost,regent.example,*.regent.example,*.s3.regent.example";
  await run("go", ["run", program, "-host", hosts, "-ecdsa-curve", "P256", "-ca"], { cwd: dir });
  const cert = join(dir, "cert.pem");
  return { cert, key: join(dir, "key.pem"), pem: await readFile(cert, "utf8") };
}
