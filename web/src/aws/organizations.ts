/** Organizations: its commands and types, and the client of the current session. */
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import { useConnection } from "./context";

export * from "@aws-sdk/client-organizations";

export function useOrganizations(): OrganizationsClient {
  return useConnection().client(OrganizationsClient);
}
