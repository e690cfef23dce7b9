/** What a folder of a bucket holds. */
import { useList } from "@/aws";
import { ListObjectsV2Command, ListObjectVersionsCommand, useS3, type S3Client } from "@/aws/s3";
import { decodeKey, delimiter, nameOf } from "./keys";

export interface Folder {
  kind: "folder";
  key: string;
  name: string;
}

export interface StoredObject {
  kind: "object";
  key: string;
  name: string;
  size: number;
  modified: Date | undefined;
  storageClass: string;
  /** Its newest version is a delete marker. */
  deleted?: boolean;
}

export type Entry = Folder | StoredObject;

interface Asked {
  bucket: string;
  prefix: string;
  /** What names in the folder begin with. */
  starts: string;
  /** Whether what was deleted is wanted too: only a bucket that keeps versions knows it. */
  deleted: boolean;
}

/** Lists a folder: what begins with a text in it, a thousand at a time. */
export function useFolder({ bucket, prefix, starts, deleted }: Asked) {
  const s3 = useS3();
  const key = ["s3", "bucket", bucket, "objects", deleted ? "with-deleted" : "folder", prefix, starts];
  const asked = { Bucket: bucket, Prefix: prefix + starts, Delimiter: delimiter, EncodingType: "url" as const };
  return useList<Entry>(key, (from) =>
    deleted ? withDeleted(s3, asked, prefix, from) : present(s3, asked, prefix, from),
  );
}

interface Call {
  Bucket: string;
  Prefix: string;
  Delimiter: string;
  EncodingType: "url";
}

interface Stored {
  Key?: string;
  Size?: number;
  LastModified?: Date;
  StorageClass?: string;
}

/** What an answer holds, without the folder itself, where somebody made it as an empty object. */
function entries(prefix: string, prefixes: { Prefix?: string }[] = [], stored: Stored[] = [], gone: Stored[] = []) {
  const folders = prefixes.map((p): Folder => {
    const key = decodeKey(p.Prefix);
    return { kind: "folder", key, name: key.slice(prefix.length) };
  });
  const object = (o: Stored, deleted: boolean): StoredObject => {
    const key = decodeKey(o.Key);
    return {
      kind: "object",
      key,
      name: key.slice(prefix.length) || nameOf(key),
      size: o.Size ?? 0,
      modified: o.LastModified,
      storageClass: o.StorageClass ?? "STANDARD",
      deleted,
    };
  };
  const objects = [...stored.map((o) => object(o, false)), ...gone.map((o) => object(o, true))];
  return [...folders, ...objects.filter((o) => o.key !== prefix)];
}

async function present(s3: S3Client, asked: Call, prefix: string, ContinuationToken: string | undefined) {
  const page = await s3.send(new ListObjectsV2Command({ ...asked, ContinuationToken }));
  return { items: entries(prefix, page.CommonPrefixes, page.Contents), next: page.NextContinuationToken };
}

/** Each key once, as its newest version says that it is. */
async function withDeleted(s3: S3Client, asked: Call, prefix: string, from: string | undefined) {
  const [KeyMarker, VersionIdMarker] = from === undefined ? [] : (JSON.parse(from) as [string, string | undefined]);
  const page = await s3.send(new ListObjectVersionsCommand({ ...asked, KeyMarker, VersionIdMarker }));
  const newest = <V extends { IsLatest?: boolean }>(versions: V[] = []) => versions.filter((v) => v.IsLatest);
  return {
    items: entries(prefix, page.CommonPrefixes, newest(page.Versions), newest(page.DeleteMarkers)),
    next: page.IsTruncated ? JSON.stringify([decodeKey(page.NextKeyMarker), page.NextVersionIdMarker]) : undefined,
  };
}
