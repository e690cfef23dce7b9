/** Copying and moving objects: the server copies, nothing goes through the browser. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type S3Client,
} from "@/aws/s3";
import { deleteBatch, keysBelow } from "./deletion";
import { copySource, isOutsideUrl, nameOf } from "./keys";
import type { Entry } from "./listing";

const gibibyte = 1024 ** 3;

/** CopyObject takes no more. */
const largest = 5 * gibibyte;

export interface Target {
  bucket: string;
  /** Where to: "" or a prefix that ends with a slash. */
  prefix: string;
  /** The name there, where one thing is copied; its own unless said. */
  name?: string;
}

export interface Copy {
  from: string;
  to: string;
  size: number;
  /** Of the original; the current one unless said. */
  versionId?: string;
}

/** What a target's address says: s3://bucket/prefix/, or a prefix of the same bucket. */
export function targetOf(text: string, bucket: string): Target {
  const address = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(text.trim());
  const prefix = address ? (address[2] ?? "") : text.trim();
  return { bucket: address?.[1] ?? bucket, prefix: prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/` };
}

/** Where a key ends up that is, or lies below, one of the things that are copied. */
export function destination(entry: Pick<Entry, "kind" | "key">, key: string, target: Target): string {
  if (entry.kind === "object") return target.prefix + (target.name ?? nameOf(key));
  const name = target.name === undefined ? nameOf(entry.key) : `${target.name}/`;
  return target.prefix + name + key.slice(entry.key.length);
}

export type CopyFault = "copyInside" | "copySame" | "keyDots";

/** A folder that is copied into itself would never end, and a thing onto itself does nothing. */
export function copyFault(
  entries: Pick<Entry, "kind" | "key">[],
  bucket: string,
  target: Target,
): CopyFault | undefined {
  if (isOutsideUrl(target.prefix) || isOutsideUrl(target.name ?? "")) return "keyDots";
  if (target.bucket !== bucket) return undefined;
  for (const entry of entries) {
    const to = destination(entry, entry.key, target);
    if (to === entry.key) return "copySame";
    if (entry.kind === "folder" && to.startsWith(entry.key)) return "copyInside";
  }
  return undefined;
}

/** Yields what is to be copied, in pages. */
async function* copies(s3: S3Client, bucket: string, entries: Entry[], target: Target, signal?: AbortSignal) {
  for (const entry of entries) {
    if (entry.kind === "object") {
      yield [{ from: entry.key, to: destination(entry, entry.key, target), size: entry.size }];
      continue;
    }
    for await (const page of keysBelow(s3, bucket, entry.key, signal)) {
      yield page.map(({ key, size }): Copy => ({ from: key, to: destination(entry, key, target), size }));
    }
  }
}

interface Options {
  move: boolean;
  done: (count: number) => void;
  signal?: AbortSignal;
}

/** Copies at a time. */
const atOnce = 4;

/** Copies or moves all of it. Of a move, each original goes when its copy is there. */
export async function copyAll(
  s3: S3Client,
  bucket: string,
  entries: Entry[],
  target: Target,
  { move, done, signal }: Options,
): Promise<void> {
  let count = 0;
  for await (const page of copies(s3, bucket, entries, target, signal)) {
    for (let i = 0; i < page.length; i += atOnce) {
      signal?.throwIfAborted();
      await Promise.all(
        page.slice(i, i + atOnce).map(async (copy) => {
          await copyOne(s3, bucket, target.bucket, copy);
          if (move) await deleteBatch(s3, bucket, [{ key: copy.from }]);
          done(++count);
        }),
      );
    }
  }
}

/** Copies one object, in parts where it is larger than a single call takes. */
export async function copyOne(s3: S3Client, from: string, to: string, copy: Copy): Promise<void> {
  const { versionId } = copy;
  const CopySource = copySource(from, copy.from, versionId);
  const place = { Bucket: to, Key: copy.to };
  if (copy.size <= largest) {
    await s3.send(new CopyObjectCommand({ ...place, CopySource }));
    return;
  }
  // A copy in parts takes nothing along by itself.
  const head = await s3.send(new HeadObjectCommand({ Bucket: from, Key: copy.from, VersionId: versionId }));
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({
      ...place,
      ContentType: head.ContentType,
      CacheControl: head.CacheControl,
      ContentDisposition: head.ContentDisposition,
      ContentEncoding: head.ContentEncoding,
      ContentLanguage: head.ContentLanguage,
      Metadata: head.Metadata,
    }),
  );
  try {
    const Parts: CompletedPart[] = [];
    for (const [i, CopySourceRange] of rangesOf(copy.size).entries()) {
      const part = { ...place, UploadId, PartNumber: i + 1, CopySource, CopySourceRange };
      const { CopyPartResult } = await s3.send(new UploadPartCopyCommand({ ...part, CopySourceIfMatch: head.ETag }));
      Parts.push({ PartNumber: i + 1, ETag: CopyPartResult?.ETag });
    }
    await s3.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts } }));
  } catch (error) {
    // Why it failed is what is told, not that cleaning up did too.
    await s3.send(new AbortMultipartUploadCommand({ ...place, UploadId })).catch(() => undefined);
    throw error;
  }
}

/** The parts of a large object, each of a gibibyte or as much more as 10,000 of them need. */
export function rangesOf(size: number): string[] {
  const part = Math.max(gibibyte, Math.ceil(size / 10_000));
  const ranges: string[] = [];
  for (let at = 0; at < size; at += part) ranges.push(`bytes=${at}-${Math.min(at + part, size) - 1}`);
  return ranges;
}
