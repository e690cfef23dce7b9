/** Uploads in parts: loaded when the first begins. */
export { Upload } from "@aws-sdk/lib-storage";
