import Alert from "@cloudscape-design/components/alert";
import { useWrite } from "@/aws";
import { PutBucketVersioningCommand, useS3 } from "@/aws/s3";
import { FormDialog } from "@/components/credentials/dialog";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import type { Versioning } from "./versioning";

interface Props {
  bucket: string;
  now: Versioning;
  onClose: () => void;
}

/** Has a bucket keep versions, or no new ones: that it never kept any cannot be had back. */
export function ChangeVersioning({ bucket, now, onClose }: Props) {
  const m = useMessages(messages);
  const s3 = useS3();
  const Status = now === "Enabled" ? "Suspended" : "Enabled";
  const change = useWrite(
    () => s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } })),
    {
      invalidates: [["s3", "bucket", bucket, "versioning"]],
      done: () => m(`versioningSaved${Status}`, { name: bucket }),
      onDone: onClose,
    },
  );
  return (
    <FormDialog
      title={m(`versioningTo${Status}`)}
      label={m(`versioningTo${Status}`)}
      pending={change.pending}
      problem={change.problem}
      onSubmit={() => change.start(undefined)}
      onClose={onClose}
    >
      <Alert type="info">{m(`versioningText${Status}`)}</Alert>
      <ViewAs
        calls={[
          {
            service: "s3api",
            command: "put-bucket-versioning",
            options: { bucket, "versioning-configuration": `Status=${Status}` },
            terraform: `resource "aws_s3_bucket_versioning" "versioning" {\n  bucket = ${JSON.stringify(bucket)}\n  versioning_configuration {\n    status = "${Status}"\n  }\n}`,
          },
        ]}
      />
    </FormDialog>
  );
}
