import Alert from "@cloudscape-design/components/alert";
import Checkbox from "@cloudscape-design/components/checkbox";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNotices, useRead, useSession } from "@/aws";
import { DeleteBucketCommand, ListObjectVersionsCommand, useS3 } from "@/aws/s3";
import { ConfirmDelete, type Step } from "@/components/confirm-delete";
import { ErrorPanel } from "@/components/error-panel";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { deleteAll } from "./deletion";
import { usePinned } from "./pinned";

interface Props {
  bucket: string;
  /** Only what is in it: the bucket stays. */
  onlyEmpty?: boolean;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Deletes a bucket, or empties it. One that is not empty is emptied first, if that is wanted: all versions, and what is half done. */
export function DeleteBucket({ bucket, onlyEmpty = false, onClose, onDeleted }: Props) {
  const m = useMessages(messages);
  const s3 = useS3();
  const notices = useNotices();
  const queries = useQueryClient();
  const pinned = usePinned();
  const { session } = useSession();
  const [emptyIt, setEmptyIt] = useState(false);
  const [gone, setGone] = useState(0);
  const content = useRead(["s3", "bucket", bucket, "is-empty"], async () => {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1 }));
    return { empty: (page.Versions?.length ?? 0) + (page.DeleteMarkers?.length ?? 0) === 0 };
  });
  const changed = () => queries.invalidateQueries({ queryKey: [session.id, "s3"] });
  const full = content.data?.empty === false;

  const remove: Step = {
    text: m("stepDeleteBucket", { name: bucket }),
    run: () => s3.send(new DeleteBucketCommand({ Bucket: bucket })),
    call: { service: "s3api", command: "delete-bucket", options: { bucket } },
  };
  const empty: Step = {
    text: m("stepEmpty"),
    run: () => deleteAll(s3, bucket, { keys: [], prefixes: [""] }, { versions: true, gone: setGone }),
    call: {
      service: "s3api",
      command: "delete-objects",
      options: { bucket, delete: "file://versions.json" },
    },
  };
  // Who may not list what is in it may still be one who may delete it: the server knows.
  const known = content.data !== undefined || content.problem !== undefined;
  const whole = full ? [empty, remove] : [remove];
  const steps = !known || (full && !emptyIt && !onlyEmpty) ? undefined : onlyEmpty ? [empty] : whole;

  return (
    <ConfirmDelete
      name={bucket}
      title={m(onlyEmpty ? "emptyBucketTitle" : "deleteBucketTitle", { name: bucket })}
      label={onlyEmpty ? m("empty") : undefined}
      steps={steps}
      onDone={() => {
        notices.success(m(onlyEmpty ? "bucketEmptied" : "bucketDeleted", { name: bucket }));
        if (!onlyEmpty && pinned.has(bucket)) pinned.toggle(bucket);
        onClose();
        onDeleted?.();
        void changed();
      }}
      onClose={() => {
        onClose();
        if (gone > 0) void changed();
      }}
    >
      <SpaceBetween size="s">
        <Alert type="warning">{m(onlyEmpty ? "emptyBucketText" : "deleteBucketText")}</Alert>
        {full && !onlyEmpty && (
          <Checkbox checked={emptyIt} onChange={({ detail }) => setEmptyIt(detail.checked)}>
            {m("emptyFirst")}
          </Checkbox>
        )}
        {full && !onlyEmpty && !emptyIt && <StatusIndicator type="warning">{m("notEmpty")}</StatusIndicator>}
        {gone > 0 && <div aria-live="polite">{m("goneSoFar", { count: gone })}</div>}
        {content.problem && <ErrorPanel problem={content.problem} />}
      </SpaceBetween>
    </ConfirmDelete>
  );
}
