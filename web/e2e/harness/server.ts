/** A real server: bin/regent on a free port of loopback, with a data directory of its own. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { type Certificate, certificate } from "./tls";

export const program = resolve(import.meta.dirname, "../../../bin/regent");

export interface Key {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Of the servers that run: a page may ask these and nobody else. */
export const origins = new Set<string>();

export class Server {
  private constructor(
    /** Where programs reach it. */
    readonly url: string,
    /** Where browsers do: the same, unless it has a name. */
    readonly site: string,
    readonly certificate: Certificate | undefined,
    /** Of the management account. */
    readonly rootKey: Key,
    readonly managementAccount: string,
    readonly data: string,
    private readonly process: ChildProcess,
    private readonly log: string[],
  ) {
    for (const address of [url, site]) origins.add(new URL(address).origin);
  }

  /**
   * Starts one with TLS, for browsers at https://regent.example and for buckets below s3.regent.example. Every name that
   * ends in .example is this machine.
   */
  static async startSecure(...flags: string[]): Promise<Server> {
    const port = await freePort();
    const tls = await certificate();
    const site = `https://regent.example:${port}`;
    const named = [
      "--public-url",
      site,
      "--s3-host",
      "s3.regent.example",
      "--tls-cert",
      tls.cert,
      "--tls-key",
      tls.key,
    ];
    return Server.launch(["--listen", `127.0.0.1:${port}`, ...named, ...flags], site, tls);
  }

  /** Starts `regent serve` with these flags beside its own; `--dev` lets a test move the clock. */
  static start(...flags: string[]): Promise<Server> {
    return Server.launch(["--listen", "127.0.0.1:0", ...flags]);
  }

  /** Starts one whose management account's root can sign in to the console: a password is set while no server runs. */
  static async startWithRoot(password: string, ...flags: string[]): Promise<Server> {
    const all = ["--listen", "127.0.0.1:0", ...flags];
    const first = await Server.launch(all);
    await first.end();
    const file = join(first.data, "root-password");
    await writeFile(file, password, { mode: 0o600 });
    await promisify(execFile)(program, ["root-password", "--data", first.data, "--file", file]);
    await rm(file);
    return Server.launch(all, undefined, undefined, first);
  }

  private static async launch(flags: string[], site?: string, tls?: Certificate, before?: Server): Promise<Server> {
    if (!existsSync(program)) throw new Error(`${program} is not there: make build`);
    const data = before?.data ?? (await mkdtemp(join(tmpdir(), "regent-e2e-")));
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(REGENT|AWS)_/.test(name)));
    const child = spawn(program, ["serve", "--data", data, ...flags], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const log: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => log.push(line));
    let url: string | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      log.push(line);
      url = /^Regent serves (https?:\/\/[^ ]*[^ .])/.exec(line)?.[1];
      if (url) break;
    }
    if (!url) throw new Error(`regent ended before it served:\n${log.join("\n")}`);
    child.stdout.resume();
    const credentials = await readFile(join(data, "root-credentials"), "utf8");
    const account = before?.managementAccount ?? /management account (\d{12})/.exec(log.join("\n"))?.[1] ?? "";
    return new Server(url, site ?? url, tls, keyIn(credentials, "default"), account, data, child, log);
  }

  /** Of `--demo`: the key of one of its profiles. */
  async demoKey(profile: string): Promise<Key> {
    return keyIn(await readFile(join(this.data, "demo", "credentials"), "utf8"), profile);
  }

  /** Of `--dev`: moves the server's clock on. A page has a clock of its own: `page.clock`. */
  async advance(by: string): Promise<Date> {
    return new Date((await this.dev<{ now: string }>("clock", { advance: by })).now);
  }

  /** Of `--dev`: the server's time, in ms. */
  async now(): Promise<number> {
    return (await this.advance("0s")).getTime();
  }

  /** Of `--dev`: calls one of its endpoints. */
  async dev<T>(call: string, body: unknown = {}): Promise<T> {
    const token = (await readFile(join(this.data, "dev", "token"), "utf8")).trim();
    const answer = await fetch(`${this.url}/_regent/dev/${call}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`dev/${call}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** What the server printed and logged, for a test that failed. */
  output(): string {
    return this.log.join("\n");
  }

  /** Ends the server as an operator would, and fails if it did not end well. */
  async stop(): Promise<void> {
    await this.end();
    await rm(this.data, { recursive: true, force: true });
  }

  private async end(): Promise<void> {
    const ended = this.process.exitCode === null ? once(this.process, "exit") : undefined;
    this.process.kill("SIGTERM");
    await ended;
    for (const address of [this.url, this.site]) origins.delete(new URL(address).origin);
    if (this.process.exitCode !== 0) throw new Error(`regent ended with ${this.process.exitCode}:\n${this.output()}`);
  }
}

/** A port that was free a moment ago, for a server whose own addresses name it. */
async function freePort(): Promise<number> {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as { port: number };
  taken.close();
  await once(taken, "close");
  return port;
}

function keyIn(credentials: string, profile: string): Key {
  const section = credentials.split(/^\[/m).find((s) => s.startsWith(`${profile}]`)) ?? "";
  const value = (name: string) => new RegExp(`^${name} *= *(\\S+)`, "m").exec(section)?.[1] ?? "";
  return { accessKeyId: value("aws_access_key_id"), secretAccessKey: value("aws_secret_access_key") };
}
