import { useRead } from "@/aws";
import { GetBucketVersioningCommand, useS3 } from "@/aws/s3";

export type Versioning = "Enabled" | "Suspended" | "Off";

/** Whether a bucket keeps what is overwritten and deleted. */
export function useVersioning(bucket: string) {
  const s3 = useS3();
  return useRead(["s3", "bucket", bucket, "versioning"], async (): Promise<Versioning> => {
    const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }));
    return Status ?? "Off";
  });
}
