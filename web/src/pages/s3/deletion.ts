/** Deleting many objects: batches of 1,000, versions where they are wanted gone too. */
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type S3Client,
} from "@/aws/s3";
import { decodeKey, isOutsideXml } from "./keys";

/** What is deleted: a key, or one version of it. */
export interface Doomed {
  key: string;
  versionId?: string;
}

/** The most that S3 deletes at a time. */
export const batchSize = 1000;

/** Deletes as many as batchSize. The first that could not be deleted is thrown; the others are gone. */
export async function deleteBatch(s3: S3Client, Bucket: string, batch: Doomed[]): Promise<void> {
  const inXml = batch.filter((d) => !isOutsideXml(d.key));
  for (const { key, versionId } of batch.filter((d) => isOutsideXml(d.key))) {
    await s3.send(new DeleteObjectCommand({ Bucket, Key: key, VersionId: versionId }));
  }
  if (inXml.length === 0) return;
  const Objects = inXml.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
  const { Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
  const [failed] = Errors ?? [];
  if (failed) throw Object.assign(new Error(failed.Message ?? ""), { name: failed.Code ?? "Error" });
}

/** Yields all keys below a prefix, in pages. */
export async function* keysBelow(s3: S3Client, Bucket: string, Prefix: string, signal?: AbortSignal) {
  let ContinuationToken: string | undefined;
  do {
    signal?.throwIfAborted();
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken, EncodingType: "url", MaxKeys: batchSize }),
    );
    yield (page.Contents ?? []).map((o) => ({ key: decodeKey(o.Key), size: o.Size ?? 0 }));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

/** Yields all versions and delete markers below a prefix, in pages. */
export async function* versionsBelow(s3: S3Client, Bucket: string, Prefix: string, signal?: AbortSignal) {
  let from: { KeyMarker?: string; VersionIdMarker?: string } = {};
  for (;;) {
    signal?.throwIfAborted();
    const page = await s3.send(
      new ListObjectVersionsCommand({ Bucket, Prefix, ...from, EncodingType: "url", MaxKeys: batchSize }),
    );
    const versions = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    yield versions.map((v): Doomed => ({ key: decodeKey(v.Key), versionId: v.VersionId }));
    if (!page.IsTruncated) return;
    from = { KeyMarker: decodeKey(page.NextKeyMarker), VersionIdMarker: page.NextVersionIdMarker };
  }
}

/** What somebody chose: keys, and prefixes with all that lies below them. */
export interface Chosen {
  keys: string[];
  prefixes: string[];
}

/** Yields what goes when the choice is deleted. The key of one object is no prefix: "a" must not take "ab" along. */
export async function* doomed(
  s3: S3Client,
  bucket: string,
  chosen: Chosen,
  versions: boolean,
  signal?: AbortSignal,
): AsyncGenerator<Doomed[]> {
  if (!versions) {
    for (let i = 0; i < chosen.keys.length; i += batchSize) {
      yield chosen.keys.slice(i, i + batchSize).map((key) => ({ key }));
    }
    for (const prefix of chosen.prefixes) yield* keysBelow(s3, bucket, prefix, signal);
    return;
  }
  for (const key of chosen.keys) {
    for await (const page of versionsBelow(s3, bucket, key, signal)) {
      const own = page.filter((v) => v.key === key);
      if (own.length > 0) yield own;
      // They come ordered by key: those of longer keys follow.
      if (own.length < page.length) break;
    }
  }
  for (const prefix of chosen.prefixes) yield* versionsBelow(s3, bucket, prefix, signal);
}

/** Deletes the choice and tells how many are gone so far. */
export async function deleteAll(
  s3: S3Client,
  bucket: string,
  chosen: Chosen,
  options: { versions: boolean; gone: (count: number) => void; signal?: AbortSignal },
): Promise<void> {
  let count = 0;
  for await (const page of doomed(s3, bucket, chosen, options.versions, options.signal)) {
    if (page.length === 0) continue;
    await deleteBatch(s3, bucket, page);
    options.gone((count += page.length));
  }
}
