import SpaceBetween from "@cloudscape-design/components/space-between";
import { BucketPolicy } from "./bucket-policy";
import { Ownership } from "./ownership";
import { PublicAccess } from "./public-access";

export function Permissions({ bucket }: { bucket: string }) {
  return (
    <SpaceBetween size="l">
      <PublicAccess bucket={bucket} />
      <BucketPolicy bucket={bucket} />
      <Ownership bucket={bucket} />
    </SpaceBetween>
  );
}
