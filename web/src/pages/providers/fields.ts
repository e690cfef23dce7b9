/** What is typed or uploaded into the forms of this area. */

/** The address of a provider, as the server takes it: https, and nothing that two readers could read differently. */
export function isIssuer(text: string): boolean {
  if (!/^https:\/\/[^?#\s@]+$/.test(text)) return false;
  try {
    return new URL(text).hostname !== "";
  } catch {
    return false;
  }
}

export const linesOf = (text: string) => [
  ...new Set(
    text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== ""),
  ),
];

/** People copy thumbprints with colons between the bytes. */
export const thumbprintsIn = (text: string) => linesOf(text.replaceAll(":", "").toLowerCase());

export const areThumbprints = (list: string[]) => list.length <= 5 && list.every((t) => /^[0-9a-f]{40}$/.test(t));

export const isSamlName = (name: string) => /^[\w.-]{1,128}$/.test(name);

export interface Metadata {
  entity: string;
  /** When the certificates end with which assertions are signed. */
  ends: Date[];
}

/** What metadata says of its provider; undefined when it is none. It is shown only: the server judges it. */
export function readMetadata(text: string): Metadata | undefined {
  const xml = new DOMParser().parseFromString(text, "application/xml");
  const entity = xml.documentElement?.getAttribute("entityID") ?? "";
  if (entity === "" || xml.querySelector("parsererror")) return undefined;
  const certificates = [...xml.getElementsByTagNameNS("*", "X509Certificate")].map((c) => c.textContent ?? "");
  return { entity, ends: [...new Set(certificates)].flatMap((c) => certificateEnd(c) ?? []) };
}

/** When a certificate ends: the second time of its validity (RFC 5280); undefined when it cannot be read. */
export function certificateEnd(base64: string): Date | undefined {
  try {
    const der = Uint8Array.from(atob(base64.replaceAll(/\s/g, "")), (c) => c.charCodeAt(0));
    const certificate = inside(der, 0);
    let at = inside(der, certificate.from).from;
    if (der[at] === 0xa0) at = inside(der, at).to; // the version
    for (let skipped = 0; skipped < 3; skipped++) at = inside(der, at).to; // serial number, algorithm, issuer
    const notBefore = inside(der, inside(der, at).from);
    const notAfter = inside(der, notBefore.to);
    return timeOf(new TextDecoder().decode(der.slice(notAfter.from, notAfter.to)));
  } catch {
    return undefined;
  }
}

/** Where the content of a value of DER begins and ends. */
function inside(der: Uint8Array, at: number): { from: number; to: number } {
  const first = der[at + 1];
  if (first === undefined) throw new Error("DER ends early");
  if (first < 0x80) return bounded(der, at + 2, first);
  let length = 0;
  const count = first & 0x7f;
  for (let i = 0; i < count; i++) length = length * 256 + (der[at + 2 + i] ?? 0);
  return bounded(der, at + 2 + count, length);
}

function bounded(der: Uint8Array, from: number, length: number) {
  if (from + length > der.length) throw new Error("DER ends early");
  return { from, to: from + length };
}

/** UTCTime or GeneralizedTime. */
function timeOf(text: string): Date | undefined {
  const digits = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (!digits) return undefined;
  const [, year = "", month, day, hour, minute, second] = digits;
  const full = year.length === 4 ? Number(year) : Number(year) + (Number(year) < 50 ? 2000 : 1900);
  return new Date(Date.UTC(full, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)));
}
