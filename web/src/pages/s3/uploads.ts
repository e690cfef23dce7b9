/** The uploads of this tab. They are the module's, not a page's: they go on while one looks at other pages. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { useSession } from "@/aws";
import { useS3, type S3Client } from "@/aws/s3";
import { UploadQueue, type UploadItem } from "./upload-queue";

interface Uploader {
  s3: S3Client;
  /** Has the lists of a bucket read anew. */
  changed: (bucket: string) => void;
}

/** By ARN: who signs in again goes on with another client. */
const uploaders = new Map<string, Uploader>();

const queue = new UploadQueue(async (owner, wanted, control) => {
  const uploader = uploaders.get(owner);
  if (!uploader) throw new Error("nobody is signed in who uploads this");
  const { uploadTo } = await import("./transfer"); // its library is heavy: who only looks needs none
  await uploadTo(uploader.s3, wanted, control);
}, settled);

let told = 0;

/** Lists are not read anew for each of a thousand small files. */
function settled(item: UploadItem): void {
  const more = queue
    .snapshot()
    .some((other) => other.bucket === item.bucket && (other.state === "uploading" || other.state === "waiting"));
  if (more && performance.now() - told < 3000) return;
  told = performance.now();
  uploaders.get(item.owner)?.changed(item.bucket);
}

addEventListener("beforeunload", (event) => {
  if (queue.busy) event.preventDefault();
});

/** Returns the queue and what of it is the session's. */
export function useUploads() {
  const { session } = useSession();
  const s3 = useS3();
  const queries = useQueryClient();
  const { id, arn } = session;
  useEffect(() => {
    const changed = (bucket: string) =>
      void queries.invalidateQueries({ queryKey: [id, "s3", "bucket", bucket, "objects"] });
    uploaders.set(arn, { s3, changed });
  }, [id, arn, s3, queries]);
  const all = useSyncExternalStore(queue.subscribe, queue.snapshot);
  const items = useMemo(() => all.filter((item) => item.owner === arn), [all, arn]);
  return { queue, items, owner: arn };
}
