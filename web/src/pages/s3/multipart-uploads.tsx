import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useList, useNotices, useSession } from "@/aws";
import { AbortMultipartUploadCommand, ListMultipartUploadsCommand, useS3 } from "@/aws/s3";
import { ConfirmDelete } from "@/components/confirm-delete";
import { Empty } from "@/components/empty";
import { ResourceTable } from "@/components/resource-table";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { decodeKey } from "./keys";

interface OpenUpload {
  id: string;
  key: string;
  begun: Date | undefined;
  by: string;
}

/** Uploads in parts that were begun and neither completed nor aborted. Their parts take room. */
export function MultipartUploads({ bucket }: { bucket: string }) {
  const m = useMessages(messages);
  const s3 = useS3();
  const [aborting, setAborting] = useState<OpenUpload[]>();
  const uploads = useList<OpenUpload>(["s3", "bucket", bucket, "uploads"], async (from) => {
    const [KeyMarker, UploadIdMarker] = from === undefined ? [] : (JSON.parse(from) as [string, string]);
    const page = await s3.send(
      new ListMultipartUploadsCommand({ Bucket: bucket, KeyMarker, UploadIdMarker, EncodingType: "url" }),
    );
    const items = (page.Uploads ?? []).map((u) => ({
      id: u.UploadId ?? "",
      key: decodeKey(u.Key),
      begun: u.Initiated,
      by: u.Initiator?.DisplayName ?? u.Initiator?.ID ?? "",
    }));
    const next = page.IsTruncated
      ? JSON.stringify([decodeKey(page.NextKeyMarker), page.NextUploadIdMarker])
      : undefined;
    return { items, next };
  });
  return (
    <>
      <ResourceTable<OpenUpload>
        name="multipart-uploads"
        title={m("openUploads")}
        description={m("openUploadsText")}
        list={uploads}
        rowId={(u) => u.id}
        selection="multi"
        defaultSort="-begun"
        columns={[
          { id: "key", header: m("key"), value: (u) => u.key },
          { id: "begun", header: m("begun"), value: (u) => u.begun, cell: (u) => <Time value={u.begun} relative /> },
          { id: "by", header: m("begunBy"), value: (u) => u.by },
          { id: "id", header: m("uploadId"), value: (u) => u.id, hidden: true },
        ]}
        empty={
          <Empty
            title={m("noOpenUploads")}
            text={m("noOpenUploadsText")}
            cli={`aws s3api list-multipart-uploads --bucket ${bucket}`}
          />
        }
        actions={(selected) => (
          <Button disabled={selected.length === 0} onClick={() => setAborting(selected)}>
            {m("abort")}
          </Button>
        )}
      />
      {aborting && <Abort bucket={bucket} uploads={aborting} onClose={() => setAborting(undefined)} />}
    </>
  );
}

function Abort({ bucket, uploads, onClose }: { bucket: string; uploads: OpenUpload[]; onClose: () => void }) {
  const m = useMessages(messages);
  const s3 = useS3();
  const notices = useNotices();
  const queries = useQueryClient();
  const { session } = useSession();
  const changed = () => queries.invalidateQueries({ queryKey: [session.id, "s3", "bucket", bucket, "uploads"] });
  return (
    <ConfirmDelete
      name={m("abortWord")}
      title={m("abortTitle", { count: uploads.length })}
      label={m("abort")}
      steps={uploads.map(({ id, key }) => ({
        text: m("stepAbort", { name: key }),
        run: () => s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: id })),
        call: { service: "s3api", command: "abort-multipart-upload", options: { bucket, key, "upload-id": id } },
      }))}
      onDone={() => {
        notices.success(m("aborted", { count: uploads.length }));
        onClose();
        void changed();
      }}
      onClose={(some) => {
        onClose();
        if (some) void changed();
      }}
    >
      {m("abortText")}
    </ConfirmDelete>
  );
}
