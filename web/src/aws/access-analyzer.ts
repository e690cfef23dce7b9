/** Access Analyzer: its commands and types, and the client of the current session. */
import { AccessAnalyzerClient } from "@aws-sdk/client-accessanalyzer";
import { useConnection } from "./context";

export * from "@aws-sdk/client-accessanalyzer";

export function useAccessAnalyzer(): AccessAnalyzerClient {
  return useConnection().client(AccessAnalyzerClient);
}
