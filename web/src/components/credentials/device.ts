/** MFA devices by their serial numbers. */
import type { Problem } from "@/aws";
import { parseArn } from "../arn";

export type DeviceKind = "totp" | "passkey" | "hardware";

export function deviceKind(serial: string): DeviceKind {
  const resource = parseArn(serial)?.resource ?? "";
  if (resource.startsWith("mfa/")) return "totp";
  return resource.startsWith("u2f/") ? "passkey" : "hardware";
}

/** The name that was given to a device: a passkey's serial number has a part after it that makes it unique. */
export function deviceName(serial: string): string {
  const resource = parseArn(serial)?.resource;
  if (resource === undefined) return serial;
  const name = resource.slice(resource.lastIndexOf("/") + 1);
  return deviceKind(serial) === "passkey" ? name.replace(/-[A-Z2-7]{26}$/, "") : name;
}

export const isDeviceName = (name: string) => /^[\w+=,.@-]{1,64}$/.test(name);

/** A name that no device has yet: the holder's, with a number where that is taken. */
export function freeName(wanted: string, taken: string[]): string {
  const has = new Set(taken.map((name) => name.toLowerCase()));
  if (!has.has(wanted.toLowerCase())) return wanted;
  for (let i = 2; ; i++) if (!has.has(`${wanted}-${i}`.toLowerCase())) return `${wanted}-${i}`;
}

/** Six digits, which an app may show in two halves. */
export const codeOf = (text: string) => text.replaceAll(/\s/g, "");
export const isCode = (text: string) => /^\d{6}$/.test(codeOf(text));

/** Whether the codes were refused, and not who gave them: IAM answers both with 403. */
export const isWrongCode = (problem: Problem | undefined) =>
  problem?.kind === "denied" && problem.message.startsWith("Authentication code for device is not valid");
