/** Uploads one file to S3, in parts when it is large. */
import type { S3Client } from "@/aws/s3";
import { Upload } from "@/aws/s3-upload";
import { typeOf } from "./content-type";
import type { TransferControl, Wanted } from "./upload-queue";

const mebibyte = 1024 * 1024;

/** S3 takes at most 10,000 parts. */
const mostParts = 10_000;

/** Of 8 MiB, or as much more as a very large file needs. */
export function partSizeOf(size: number): number {
  return Math.max(8 * mebibyte, Math.ceil(size / mostParts));
}

/**
 * The file's bytes, a part at a time as they are asked for: pausing is not to hand out the next one. The file is never
 * in memory as a whole.
 */
export function bodyOf(file: Blob, partSize: number, { gate, signal }: TransferControl): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await gate.passed();
        signal.throwIfAborted();
        if (at >= file.size) {
          controller.close();
          return;
        }
        const end = Math.min(at + partSize, file.size);
        const bytes = new Uint8Array(await file.slice(at, end).arrayBuffer());
        at = end;
        controller.enqueue(bytes);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Ends when S3 has the file, and rejects when it is canceled: then S3 has dropped the parts. */
export async function uploadTo(s3: S3Client, wanted: Wanted, control: TransferControl): Promise<void> {
  const { bucket, key, file } = wanted;
  const partSize = partSizeOf(file.size);
  const upload = new Upload({
    client: s3,
    partSize,
    queueSize: 4,
    params: { Bucket: bucket, Key: key, Body: bodyOf(file, partSize, control), ContentType: typeOf(key, file.type) },
  });
  upload.on("httpUploadProgress", (progress) => control.sent(progress.loaded ?? 0));
  // The body stops when it is canceled, but all of it may be on its way: Upload then waits for the parts and aborts
  // instead of completing. A file of one part cannot be called back: it arrives or not, and the queue says which.
  if (file.size > partSize) control.signal.addEventListener("abort", () => void upload.abort());
  await upload.done();
}
