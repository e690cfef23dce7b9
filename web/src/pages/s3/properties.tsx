import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useRead, useWrite } from "@/aws";
import {
  DeleteBucketTaggingCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  PutBucketTaggingCommand,
  useS3,
} from "@/aws/s3";
import { ArnLink } from "@/components/arn-link";
import { KeyValue } from "@/components/key-value";
import { PanelState } from "@/components/panel-state";
import type { Tag } from "@/components/tag-editor";
import { TagsPanel } from "@/components/tags-panel";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { tagSetCall } from "./tag-set";
import { useVersioning } from "./versioning";
import { ChangeVersioning } from "./versioning-dialog";

export function Properties({ bucket }: { bucket: string }) {
  return (
    <SpaceBetween size="l">
      <Overview bucket={bucket} />
      <Versions bucket={bucket} />
      <BucketTags bucket={bucket} />
    </SpaceBetween>
  );
}

function Overview({ bucket }: { bucket: string }) {
  const m = useMessages(messages);
  const s3 = useS3();
  const head = useRead(["s3", "bucket", bucket, "head"], () => s3.send(new HeadBucketCommand({ Bucket: bucket })));
  return (
    <Container header={<Header variant="h2">{m("overview")}</Header>}>
      <PanelState reading={head}>
        {(b) => (
          <KeyValue
            pairs={[
              { label: m("arn"), value: <ArnLink arn={b.BucketArn ?? `arn:aws:s3:::${bucket}`} copy /> },
              { label: m("region"), value: b.BucketRegion },
            ]}
          />
        )}
      </PanelState>
    </Container>
  );
}

function Versions({ bucket }: { bucket: string }) {
  const m = useMessages(messages);
  const versioning = useVersioning(bucket);
  const [changing, setChanging] = useState(false);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={m("versioningText")}
          actions={
            <Button disabled={versioning.loading} onClick={() => setChanging(true)}>
              {m(versioning.data === "Enabled" ? "versioningToSuspended" : "versioningToEnabled")}
            </Button>
          }
        >
          {m("versioning")}
        </Header>
      }
    >
      <PanelState reading={versioning} lines={1}>
        {(state) => (
          <StatusIndicator type={state === "Enabled" ? "success" : "stopped"}>
            {m(`versioning${state}`)}
          </StatusIndicator>
        )}
      </PanelState>
      {changing && (
        <ChangeVersioning bucket={bucket} now={versioning.data ?? "Off"} onClose={() => setChanging(false)} />
      )}
    </Container>
  );
}

function BucketTags({ bucket }: { bucket: string }) {
  const m = useMessages(messages);
  const s3 = useS3();
  const tags = useRead(["s3", "bucket", bucket, "tags"], async (): Promise<Tag[]> => {
    try {
      const { TagSet } = await s3.send(new GetBucketTaggingCommand({ Bucket: bucket }));
      return (TagSet ?? []).map((t) => ({ Key: t.Key ?? "", Value: t.Value ?? "" }));
    } catch (error) {
      if ((error as Error).name === "NoSuchTagSet") return [];
      throw error;
    }
  });
  const save = useWrite(
    async (next: Tag[]) => {
      // The tags of a bucket are one set: it is written as a whole.
      if (next.length === 0) await s3.send(new DeleteBucketTaggingCommand({ Bucket: bucket }));
      else await s3.send(new PutBucketTaggingCommand({ Bucket: bucket, Tagging: { TagSet: next } }));
    },
    { invalidates: [["s3", "bucket", bucket, "tags"]], done: () => m("tagsSaved", { name: bucket }) },
  );
  return (
    <TagsPanel title={m("tags")} tags={tags} save={save} calls={(next) => [tagSetCall("bucket", { bucket }, next)]} />
  );
}
