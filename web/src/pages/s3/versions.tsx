import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { problemOf, useList, useNotices, useSession } from "@/aws";
import { DeleteObjectCommand, ListObjectVersionsCommand, useS3 } from "@/aws/s3";
import { ConfirmDelete } from "@/components/confirm-delete";
import { Empty } from "@/components/empty";
import { ResourceTable } from "@/components/resource-table";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { Bytes } from "./bytes";
import { downloadObject } from "./download";
import { decodeKey } from "./keys";
import { RestoreVersion } from "./restore-version";

export interface Version {
  id: string;
  latest: boolean;
  marker: boolean;
  modified: Date | undefined;
  size: number;
}

/** What a key was before, in a bucket that keeps it. */
export function Versions({ bucket, objectKey }: { bucket: string; objectKey: string }) {
  const m = useMessages(messages);
  const s3 = useS3();
  const notices = useNotices();
  const [deleting, setDeleting] = useState<Version>();
  const [restoring, setRestoring] = useState<Version>();
  const versions = useList<Version>(["s3", "bucket", bucket, "objects", "versions", objectKey], async (from) => {
    const page = await s3.send(
      new ListObjectVersionsCommand({
        Bucket: bucket,
        Prefix: objectKey,
        KeyMarker: from === undefined ? undefined : objectKey,
        VersionIdMarker: from,
        EncodingType: "url",
      }),
    );
    const own = <T extends { Key?: string }>(list: T[] | undefined) =>
      (list ?? []).filter((v) => decodeKey(v.Key) === objectKey);
    const of = (v: { VersionId?: string; IsLatest?: boolean; LastModified?: Date }, marker: boolean, size = 0) => ({
      id: v.VersionId ?? "null",
      latest: v.IsLatest ?? false,
      marker,
      modified: v.LastModified,
      size,
    });
    const items = [
      ...own(page.Versions).map((v) => of(v, false, v.Size)),
      ...own(page.DeleteMarkers).map((v) => of(v, true)),
    ];
    // Keys that this one begins come after it.
    const more = page.IsTruncated && decodeKey(page.NextKeyMarker) === objectKey;
    return { items, next: more ? page.NextVersionIdMarker : undefined };
  });
  const download = (v: Version) =>
    downloadObject(s3, bucket, objectKey, v.id).catch((error: unknown) => notices.problem(problemOf(error)));
  return (
    <>
      <ResourceTable<Version>
        name="object-versions"
        title={m("versions")}
        list={versions}
        rowId={(v) => v.id}
        selection="single"
        defaultSort="-modified"
        columns={[
          { id: "id", header: m("versionId"), value: (v) => v.id },
          {
            id: "kind",
            header: m("type"),
            value: (v) => m(v.marker ? "marker" : "version"),
            cell: (v) => (
              <StatusIndicator type={v.marker ? "stopped" : "success"}>
                {m(v.latest ? (v.marker ? "markerNow" : "versionNow") : v.marker ? "marker" : "version")}
              </StatusIndicator>
            ),
          },
          { id: "modified", header: m("modified"), value: (v) => v.modified, cell: (v) => <Time value={v.modified} /> },
          {
            id: "size",
            header: m("size"),
            value: (v) => (v.marker ? undefined : v.size),
            cell: (v) => (v.marker ? m("dash") : <Bytes value={v.size} />),
          },
        ]}
        empty={<Empty title={m("noVersions")} text={m("versioningText")} />}
        actions={([v]) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!v || v.marker} onClick={() => v && void download(v)}>
              {m("download")}
            </Button>
            {/* What is current already needs no restoring, nor does a marker that others came after. */}
            <Button disabled={!v || v.latest !== v.marker} onClick={() => setRestoring(v)}>
              {m("restore")}
            </Button>
            <Button disabled={!v} onClick={() => setDeleting(v)}>
              {m("delete")}
            </Button>
          </SpaceBetween>
        )}
      />
      {restoring && (
        <RestoreVersion
          bucket={bucket}
          objectKey={objectKey}
          version={restoring}
          onClose={() => setRestoring(undefined)}
        />
      )}
      {deleting && (
        <DeleteVersion
          bucket={bucket}
          objectKey={objectKey}
          version={deleting}
          onClose={() => setDeleting(undefined)}
        />
      )}
    </>
  );
}

interface DeleteProps {
  bucket: string;
  objectKey: string;
  version: Version;
  onClose: () => void;
}

function DeleteVersion({ bucket, objectKey, version, onClose }: DeleteProps) {
  const m = useMessages(messages);
  const s3 = useS3();
  const notices = useNotices();
  const queries = useQueryClient();
  const { session } = useSession();
  return (
    <ConfirmDelete
      name={version.id}
      title={m("versionDeleteTitle", { id: version.id })}
      steps={[
        {
          text: m("delete"),
          run: () => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: objectKey, VersionId: version.id })),
          call: {
            service: "s3api",
            command: "delete-object",
            options: { bucket, key: objectKey, "version-id": version.id },
          },
        },
      ]}
      onDone={() => {
        notices.success(m("versionDeleted", { id: version.id }));
        onClose();
        void queries.invalidateQueries({ queryKey: [session.id, "s3", "bucket", bucket, "objects"] });
      }}
      onClose={onClose}
    >
      {m(version.marker && version.latest ? "markerDeleteText" : "versionDeleteText")}
    </ConfirmDelete>
  );
}
