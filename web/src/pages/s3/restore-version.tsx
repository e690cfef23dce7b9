import Alert from "@cloudscape-design/components/alert";
import { useWrite } from "@/aws";
import { DeleteObjectCommand, useS3 } from "@/aws/s3";
import { FormDialog } from "@/components/credentials/dialog";
import { ViewAs, type ApiCall } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { copyOne } from "./copying";
import { copySource, nameOf } from "./keys";
import type { Version } from "./versions";

interface Props {
  bucket: string;
  objectKey: string;
  version: Version;
  onClose: () => void;
}

/** Brings an object back: by deleting its delete marker, or by a copy of what it was. */
export function RestoreVersion({ bucket, objectKey, version, onClose }: Props) {
  const m = useMessages(messages);
  const s3 = useS3();
  const { id, marker, size } = version;
  const restore = useWrite(
    async () => {
      if (marker) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: objectKey, VersionId: id }));
      else await copyOne(s3, bucket, bucket, { from: objectKey, to: objectKey, size, versionId: id });
    },
    {
      invalidates: [["s3", "bucket", bucket, "objects"]],
      done: () => m("restored", { name: nameOf(objectKey) }),
      onDone: onClose,
    },
  );
  const call: ApiCall = marker
    ? { service: "s3api", command: "delete-object", options: { bucket, key: objectKey, "version-id": id } }
    : {
        service: "s3api",
        command: "copy-object",
        options: { bucket, key: objectKey, "copy-source": copySource(bucket, objectKey, id) },
      };
  return (
    <FormDialog
      title={m("restoreTitle", { name: nameOf(objectKey) })}
      label={m("restore")}
      pending={restore.pending}
      problem={restore.problem}
      onSubmit={() => restore.start(undefined)}
      onClose={onClose}
    >
      <Alert type="info">{m(marker ? "restoreMarkerText" : "restoreText")}</Alert>
      <ViewAs calls={[call]} />
    </FormDialog>
  );
}
