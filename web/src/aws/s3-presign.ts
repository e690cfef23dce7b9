/** Presigned addresses: loaded when the first is made. */
export { getSignedUrl } from "@aws-sdk/s3-request-presigner";
