/** S3: its commands and types, and the client of the current session. */
import { S3Client } from "@aws-sdk/client-s3";
import { useConnection } from "./context";

export * from "@aws-sdk/client-s3";

export function useS3(): S3Client {
  return useConnection().client(S3Client);
}
