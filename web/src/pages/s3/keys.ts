/** Keys and the folders that people see in them: S3 itself has neither folders nor paths, only keys. */
import { path } from "@/components/links";

/** What keys are parted at. */
export const delimiter = "/";

/** Answers are asked for with EncodingType url: a key may have characters that XML cannot carry. */
export function decodeKey(encoded: string | undefined): string {
  const text = (encoded ?? "").replaceAll("+", " ");
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The last part of a key or of a prefix, which keeps the slash it ends with: "b/" of "a/b/". */
export function nameOf(key: string): string {
  return key.slice(key.lastIndexOf(delimiter, key.length - 2) + 1);
}

/** The prefix that a key lies in: "a/" of "a/b" and of "a/b/". */
export function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf(delimiter, key.length - 2) + 1);
}

/** The prefixes that lead to one, each with its name: [["a/", "a"], ["a/b/", "b"]] of "a/b/". */
export function foldersOf(prefix: string): { prefix: string; name: string }[] {
  const parts = prefix.split(delimiter).slice(0, -1);
  return parts.map((name, i) => ({ prefix: parts.slice(0, i + 1).join(delimiter) + delimiter, name }));
}

/** What an address of a bucket shows: the objects below a prefix, or one object. */
export type Place = { prefix: string } | { object: string };

/**
 * Whether a path can say this key. Browsers and routers swallow empty parts and dots, and a router takes "%2F" for a
 * slash: what has these stands in the query.
 */
function fitsPath(key: string): boolean {
  const parts = key.replace(/\/$/, "").split(delimiter);
  return !key.includes("%") && !key.includes("\\") && parts.every((p) => p !== "" && p !== "." && p !== "..");
}

const encoded = (key: string) => key.split(delimiter).map(encodeURIComponent).join(delimiter);

/** The path, below the session, of a folder of a bucket. */
export function folderPath(bucket: string, prefix: string): string {
  const own = path`/s3/${bucket}`;
  if (prefix === "") return own;
  if (prefix.endsWith(delimiter) && fitsPath(prefix)) return `${own}/${encoded(prefix)}`;
  return `${own}?${new URLSearchParams({ prefix })}`;
}

/** The path, below the session, of an object's page. A path that ends with a slash is a folder's. */
export function objectPath(bucket: string, key: string): string {
  const own = path`/s3/${bucket}`;
  if (!key.endsWith(delimiter) && fitsPath(key)) return `${own}/${encoded(key)}`;
  return `${own}?${new URLSearchParams({ object: key })}`;
}

/** Reads what an address shows: the rest of its path, decoded, and its query. */
export function placeOf(rest: string, search: URLSearchParams): Place {
  const object = search.get("object");
  if (object) return { object };
  const prefix = search.get("prefix");
  if (prefix !== null) return { prefix };
  return rest === "" || rest.endsWith(delimiter) ? { prefix: rest } : { object: rest };
}

/** The header that names the source of a copy. It is a URL: SDKs take it as it is. */
export function copySource(bucket: string, key: string, versionId?: string): string {
  const source = `${bucket}/${encoded(key)}`;
  return versionId === undefined ? source : `${source}?versionId=${encodeURIComponent(versionId)}`;
}

/** The header that has a browser save what it gets, under the object's name. */
export function attachment(key: string): string {
  const name = nameOf(key).replace(/\/$/, "") || "download";
  // RFC 6266: an ASCII name for those that know no other, and the name.
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const whole = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}

/** Whether XML cannot carry the key: requests for many keys are XML, those for one are not. */
export function isOutsideXml(key: string): boolean {
  // oxlint-disable-next-line no-control-regex -- it is they that are looked for
  return /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(key);
}

/**
 * Whether a browser can ask for the key by itself: it takes parts that are "." or ".." out of every address, however
 * they are written. Lists and requests for many keys are not concerned.
 */
export function isOutsideUrl(key: string): boolean {
  return key.split(delimiter).some((part) => part === "." || part === "..");
}

export type KeyFault = "keyEmpty" | "keyLong" | "keyDots" | "keySlash";

/** What is wrong with the name of a folder that is to be made. */
export function folderFault(prefix: string, name: string): KeyFault | undefined {
  if (name === "") return "keyEmpty";
  if (name === "." || name === "..") return "keyDots";
  if (name.includes(delimiter)) return "keySlash";
  if (new TextEncoder().encode(prefix + name).length >= 1024) return "keyLong";
  return undefined;
}

export type BucketFault =
  "bucketShort" | "bucketLong" | "bucketCharacters" | "bucketEnds" | "bucketDots" | "bucketAddress" | "bucketReserved";

const reservedBuckets = new Set(["federation", "saml", "token", "client", "assignment", "logout", "latest"]);
const reservedStarts = ["xn--", "sthree-", "amzn-s3-demo-"];
const reservedEnds = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

/** What of S3's rules for names of buckets a name breaks; the server says what else is wrong. */
export function bucketFault(name: string): BucketFault | undefined {
  if (/[^a-z0-9.-]/.test(name)) return "bucketCharacters";
  if (name.length < 3) return "bucketShort";
  if (name.length > 63) return "bucketLong";
  if (!/^[a-z0-9].*[a-z0-9]$/.test(name)) return "bucketEnds";
  if (name.includes("..") || /[.]-|-[.]/.test(name)) return "bucketDots";
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return "bucketAddress";
  if (reservedBuckets.has(name)) return "bucketReserved";
  if (reservedStarts.some((s) => name.startsWith(s)) || reservedEnds.some((e) => name.endsWith(e))) {
    return "bucketReserved";
  }
  return undefined;
}
