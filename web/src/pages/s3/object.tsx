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
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { Bytes } from "./bytes";
import { DeleteObjects } from "./delete-objects";
import { downloadObject } from "./download";
import { Folders } from "./folders";
import { folderOf, folderPath, nameOf } from "./keys";

/** An object. Each panel asks for itself. */
export function ObjectPage({ bucket, objectKey }: { bucket: string; objectKey: string }) {
  const m = useMessages(messages);
  const go = useGo();
  const to = useTo();
  const s3 = useS3();
  const notices = useNotices();
  const [deleting, setDeleting] = useState(false);
  const head = useRead(["s3", "bucket", bucket, "objects", "object", objectKey], () =>
    s3.send(new HeadObjectCommand({ Bucket: bucket, Key: objectKey })),
  );
  const download = () =>
    downloadObject(s3, bucket, objectKey).catch((error: unknown) => notices.problem(problemOf(error)));
  const folder = folderOf(objectKey);
  const name = nameOf(objectKey);

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
                <Button onClick={() => setDeleting(true)}>{m("delete")}</Button>
              </SpaceBetween>
            }
          >
            <span className="break">{name}</span>
          </Header>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <Summary bucket={bucket} objectKey={objectKey} head={head} />
        {head.problem?.kind === "notFound" && (
          // Somebody may have left the slash out.
          <Link href={to(folderPath(bucket, `${objectKey}/`))}>{m("openAsFolder", { name })}</Link>
        )}
      </SpaceBetween>
      {deleting && (
        <DeleteObjects
          bucket={bucket}
          entries={[{ kind: "object", key: objectKey, name, size: 0, modified: undefined, storageClass: "" }]}
          onClose={() => setDeleting(false)}
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
}

function Summary({ bucket, objectKey, head }: SummaryProps) {
  const m = useMessages(messages);
  const address = `s3://${bucket}/${objectKey}`;
  return (
    <Container header={<Header variant="h2">{m("overview")}</Header>}>
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
              ...(h.CacheControl ? [{ label: "Cache-Control", value: h.CacheControl }] : []),
              ...(h.ContentDisposition ? [{ label: "Content-Disposition", value: h.ContentDisposition }] : []),
              ...(h.ContentEncoding ? [{ label: "Content-Encoding", value: h.ContentEncoding }] : []),
              ...(h.ContentLanguage ? [{ label: "Content-Language", value: h.ContentLanguage }] : []),
              ...Object.entries(h.Metadata ?? {}).map(([name, value]) => ({ label: `x-amz-meta-${name}`, value })),
            ]}
          />
        )}
      </PanelState>
    </Container>
  );
}
