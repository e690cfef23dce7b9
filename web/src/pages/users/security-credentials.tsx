import SpaceBetween from "@cloudscape-design/components/space-between";
import { AccessKeys } from "@/components/credentials/access-keys";
import { useUserHolder } from "@/components/credentials/holder";
import { MfaDevices } from "@/components/credentials/mfa-devices";
import { Certificates } from "./certificates";
import { Password } from "./password";

export function SecurityCredentials({ user }: { user: string }) {
  const holder = useUserHolder(user);
  return (
    <SpaceBetween size="l">
      <Password user={user} />
      <MfaDevices holder={holder} />
      <AccessKeys holder={holder} />
      <Certificates kind="ssh" user={user} />
      <Certificates kind="certificate" user={user} />
    </SpaceBetween>
  );
}
