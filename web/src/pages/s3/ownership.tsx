import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useRead, useWrite } from "@/aws";
import { GetBucketOwnershipControlsCommand, ObjectOwnership, PutBucketOwnershipControlsCommand, useS3 } from "@/aws/s3";
import { PanelState } from "@/components/panel-state";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";

const enforced = ObjectOwnership.BucketOwnerEnforced;

/** Who owns the objects. ACLs are never in force here, so there is one setting, which may be missing (S3-68). */
export function Ownership({ bucket }: { bucket: string }) {
  const m = useMessages(messages);
  const s3 = useS3();
  const key = ["s3", "bucket", bucket, "ownership"];
  const ownership = useRead(key, async () => {
    try {
      const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket: bucket }));
      return OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? null;
    } catch (error) {
      if ((error as Error).name === "OwnershipControlsNotFoundError") return null;
      throw error;
    }
  });
  const enforce = useWrite(
    () =>
      s3.send(
        new PutBucketOwnershipControlsCommand({
          Bucket: bucket,
          OwnershipControls: { Rules: [{ ObjectOwnership: enforced }] },
        }),
      ),
    { invalidates: [key], done: () => m("ownershipSaved", { name: bucket }), flashProblem: true },
  );
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={m("ownershipText")}
          actions={
            ownership.data === null && (
              <Button loading={enforce.pending} onClick={() => enforce.start(undefined)}>
                {m("ownershipEnforce")}
              </Button>
            )
          }
        >
          {m("ownership")}
        </Header>
      }
    >
      <PanelState reading={ownership} lines={1}>
        {(now) =>
          now === enforced ? (
            <StatusIndicator type="success">{m("ownershipEnforced")}</StatusIndicator>
          ) : (
            <SpaceBetween size="s">
              <StatusIndicator type="info">{now ?? m("ownershipUnset")}</StatusIndicator>
              <ViewAs
                calls={[
                  {
                    service: "s3api",
                    command: "put-bucket-ownership-controls",
                    options: { bucket, "ownership-controls": `Rules=[{ObjectOwnership=${enforced}}]` },
                  },
                ]}
              />
            </SpaceBetween>
          )
        }
      </PanelState>
    </Container>
  );
}
