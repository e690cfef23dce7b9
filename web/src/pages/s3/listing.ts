/** What a folder of a bucket holds. */
import { useList } from "@/aws";
import { ListObjectsV2Command, useS3 } from "@/aws/s3";
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
}

export type Entry = Folder | StoredObject;

/** Lists a folder: what begins with a text in it, a thousand at a time. */
export function useFolder(bucket: string, prefix: string, starts: string) {
  const s3 = useS3();
  const whole = prefix + starts;
  return useList<Entry>(["s3", "bucket", bucket, "objects", "folder", prefix, starts], async (ContinuationToken) => {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: whole,
        Delimiter: delimiter,
        ContinuationToken,
        EncodingType: "url",
      }),
    );
    const folders = (page.CommonPrefixes ?? []).map((p): Folder => {
      const key = decodeKey(p.Prefix);
      return { kind: "folder", key, name: key.slice(prefix.length) };
    });
    const objects = (page.Contents ?? []).map((o): StoredObject => {
      const key = decodeKey(o.Key);
      return {
        kind: "object",
        key,
        name: key.slice(prefix.length) || nameOf(key),
        size: o.Size ?? 0,
        modified: o.LastModified,
        storageClass: o.StorageClass ?? "STANDARD",
      };
    });
    // The folder itself, where somebody made it as an empty object.
    const inside = objects.filter((o) => o.key !== prefix);
    return { items: [...folders, ...inside], next: page.NextContinuationToken };
  });
}
