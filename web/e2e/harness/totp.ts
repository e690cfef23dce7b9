/** What an authenticator app shows, written apart from the server's. */
import { createHmac } from "node:crypto";

/** How long a code is shown, in ms. */
const step = 30_000;

/** Returns the key that a seed in base 32 stands for. */
export function seedOf(base32: string): Buffer {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const letter of base32.replaceAll(/[ =]/g, "").toUpperCase()) {
    const value = letters.indexOf(letter);
    if (value < 0) throw new Error(`${letter} is not base 32`);
    bits += value.toString(2).padStart(5, "0");
  }
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** Returns the code of a time. */
export function totp(seed: Buffer, at: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / step)));
  const mac = createHmac("sha1", seed).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

/**
 * A virtual MFA device. No code is good twice, so each that is asked for is of a later step than the last: two to
 * enable the device, then two to sign in with at once (a clock may be a step ahead), then one every 30 s.
 */
export class Authenticator {
  private last = 0;

  constructor(
    private readonly seed: Buffer,
    private readonly now: () => number = Date.now,
  ) {}

  /** The two codes before this step's, to enable the device with: soon, or its clock would be taken for a slow one. */
  async pair(): Promise<[string, string]> {
    const left = step - (this.now() % step);
    if (left < 5000) await wait(left);
    this.last = this.now() - step;
    return [totp(this.seed, this.last - step), totp(this.seed, this.last)];
  }

  async code(): Promise<string> {
    this.last = Math.max(this.last + step, this.now());
    const early = Math.floor(this.last / step) * step - (this.now() + step);
    if (early > 0) await wait(early);
    return totp(this.seed, this.last);
  }
}
