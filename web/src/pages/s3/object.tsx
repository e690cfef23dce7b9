import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { problemOf, useNotices, useRead, type Reading } from "@/aws";
import { HeadObjectCommand, useS3, type HeadObjectCommandOutput } from "@/aws/s3";
import { CopyButton } from "@/components/copy-button";
import { KeyValue } from "@/components/key-value";
import { useGo, useTo } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { ViewAs } from "@/components/snippet";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { Bytes } from "./bytes";
import { previewOf } from "./content-type";
import { CopyObjects } from "./copy-objects";
import { DeleteObjects } from "./delete-objects";
import { downloadObject } from "./download";
import { Folders } from "./folders";
import { folderOf, folderPath, isOutsideUrl, nameOf } from "./keys";
import type { Entry } from "./listing";
import { EditMetadata, headers } from "./metadata";
import { ObjectTags } from "./object-tags";
import { mostOfImage, Preview } from "./preview";
import { Share } from "./share";
import { UploadPanel } from "./upload-panel";
import { useVersioning } from "./versioning";
import { Versions } from "./versions";

interface Props {
  bucket: string;
  objectKey: string;
}

/** An object, if a browser can ask for it. */
export function ObjectPage(props: Props) {
  return isOutsideUrl(props.objectKey) ? <Unreachable {...props} /> : <Reachable {...props} />;
}

/** What is listed, copied and deleted, but not asked for by itself. */
function Unreachable({ bucket, objectKey }: Props) {
  const m = useMessages(messages);
  return (
    <ContentLayout
      header={
        <Header variant="h1">
          <span className="break">{nameOf(objectKey)}</span>
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Folders bucket={bucket} prefix={folderOf(objectKey)} />
        <Alert type="info" header={m("unreachable")}>
          {m("unreachableText")}
        </Alert>
        <ViewAs calls={[{ service: "s3api", command: "head-object", options: { bucket, key: objectKey } }]} />
      </SpaceBetween>
    </ContentLayout>
  );
}

/** Each panel asks for itself. */
function Reachable({ bucket, objectKey }: Props) {
  const m = useMessages(messages);
  const go = useGo();
  const to = useTo();
  const s3 = useS3();
  const notices = useNotices();
  const [open, setOpen] = useState<"delete" | "copy" | "share" | "metadata">();
  const versioning = useVersioning(bucket);
  const head = useRead(["s3", "bucket", bucket, "objects", "object", objectKey], () =>
    s3.send(new HeadObjectCommand({ Bucket: bucket, Key: objectKey })),
  );
  const download = () =>
    downloadObject(s3, bucket, objectKey).catch((error: unknown) => notices.problem(problemOf(error)));
  const folder = folderOf(objectKey);
  const name = nameOf(objectKey);
  const size = head.data?.ContentLength ?? 0;
  const entry: Entry = { kind: "object", key: objectKey, name, size, modified: undefined, storageClass: "" };
  const kind = previewOf(head.data?.ContentType);
  // A part of an image is none.
  const previewKind = kind === "image" && size > mostOfImage ? undefined : kind;

  return (
    <ContentLayout
      header={
        <SpaceBetween size="xs">
          <Folders bucket={bucket} prefix={folder} />
          <Header
            variant="h1"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button onClick={() => void download()}>{m("download")}</Button>
                <Button onClick={() => setOpen("share")}>{m("share")}</Button>
                <Button onClick={() => setOpen("copy")}>{m("copyOrMove")}</Button>
                <Button onClick={() => setOpen("delete")}>{m("delete")}</Button>
              </SpaceBetween>
            }
          >
            <span className="break">{name}</span>
          </Header>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <Summary bucket={bucket} objectKey={objectKey} head={head} onEdit={() => setOpen("metadata")} />
        {head.problem?.kind === "notFound" && (
          // Somebody may have left the slash out.
          <Link href={to(folderPath(bucket, `${objectKey}/`))}>{m("openAsFolder", { name })}</Link>
        )}
        {head.data && previewKind && (
          <Preview
            bucket={bucket}
            objectKey={objectKey}
            kind={previewKind}
            type={head.data.ContentType ?? ""}
            size={head.data.ContentLength ?? 0}
          />
        )}
        {head.problem?.kind !== "notFound" && <ObjectTags bucket={bucket} objectKey={objectKey} />}
        {versioning.data !== "Off" && !versioning.loading && <Versions bucket={bucket} objectKey={objectKey} />}
        <UploadPanel />
      </SpaceBetween>
      {open === "metadata" && head.data && (
        <EditMetadata bucket={bucket} objectKey={objectKey} head={head.data} onClose={() => setOpen(undefined)} />
      )}
      {open === "share" && <Share bucket={bucket} objectKey={objectKey} onClose={() => setOpen(undefined)} />}
      {open === "copy" && (
        <CopyObjects
          bucket={bucket}
          entries={[entry]}
          onClose={() => setOpen(undefined)}
          onMoved={() => go(folderPath(bucket, folder), { replace: true })}
        />
      )}
      {open === "delete" && (
        <DeleteObjects
          bucket={bucket}
          entries={[entry]}
          onClose={() => setOpen(undefined)}
          onDeleted={() => go(folderPath(bucket, folder), { replace: true })}
        />
      )}
    </ContentLayout>
  );
}

interface SummaryProps {
  bucket: string;
  objectKey: string;
  head: Reading<HeadObjectCommandOutput>;
  onEdit: () => void;
}

function Summary({ bucket, objectKey, head, onEdit }: SummaryProps) {
  const m = useMessages(messages);
  const address = `s3://${bucket}/${objectKey}`;
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <Button disabled={!head.data} onClick={onEdit}>
              {m("metadataEdit")}
            </Button>
          }
        >
          {m("overview")}
        </Header>
      }
    >
      <PanelState reading={head} lines={5}>
        {(h) => (
          <KeyValue
            pairs={[
              { label: m("address"), value: <CopyButton text={address} name={m("address")} shown /> },
              { label: m("size"), value: <Bytes value={h.ContentLength ?? 0} /> },
              { label: m("modified"), value: <Time value={h.LastModified} /> },
              { label: m("contentType"), value: h.ContentType },
              { label: m("etag"), value: h.ETag },
              { label: m("storageClass"), value: h.StorageClass ?? "STANDARD" },
              ...(h.VersionId ? [{ label: m("versionId"), value: h.VersionId }] : []),
              ...headers
                .filter(([member]) => member !== "ContentType" && h[member])
                .map(([member, label]) => ({ label, value: h[member] })),
              ...Object.entries(h.Metadata ?? {}).map(([name, value]) => ({ label: `x-amz-meta-${name}`, value })),
            ]}
          />
        )}
      </PanelState>
    </Container>
  );
}
