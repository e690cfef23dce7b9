/** STS: its commands and types, and the client of the current session. */
import { STSClient } from "@aws-sdk/client-sts";
import { useConnection } from "./context";

export * from "@aws-sdk/client-sts";

export function useSts(): STSClient {
  return useConnection().client(STSClient);
}
