/** IAM: its commands and types, and the client of the current session. */
import { IAMClient } from "@aws-sdk/client-iam";
import { useConnection } from "./context";

export * from "@aws-sdk/client-iam";

export function useIam(): IAMClient {
  return useConnection().client(IAMClient);
}
