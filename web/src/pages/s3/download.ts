import { GetObjectCommand, type S3Client } from "@/aws/s3";
import { attachment } from "./keys";

/** Long enough for the browser to begin; what has begun goes on. */
const seconds = 60;

/**
 * Has the browser save an object: it gets a presigned address and streams to the disk. That the object may be read is
 * tried first, for a refusal would be saved as if it were the object.
 */
export async function downloadObject(s3: S3Client, Bucket: string, Key: string, VersionId?: string): Promise<void> {
  await s3.send(new GetObjectCommand({ Bucket, Key, VersionId, Range: "bytes=0-0" })).catch((error: Error) => {
    if (error.name !== "InvalidRange") throw error; // it is empty
  });
  const { getSignedUrl } = await import("@/aws/s3-presign");
  const command = new GetObjectCommand({ Bucket, Key, VersionId, ResponseContentDisposition: attachment(Key) });
  const link = document.createElement("a");
  link.href = await getSignedUrl(s3, command, { expiresIn: seconds });
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
}
