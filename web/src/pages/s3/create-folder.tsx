import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useWrite } from "@/aws";
import { PutObjectCommand, useS3 } from "@/aws/s3";
import { ErrorPanel } from "@/components/error-panel";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/s3";
import { folderFault } from "./keys";

/** A folder is an empty object whose key ends with a slash. */
export function CreateFolder({ bucket, prefix, onClose }: { bucket: string; prefix: string; onClose: () => void }) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const s3 = useS3();
  const [name, setName] = useState("");
  const [tried, setTried] = useState(false);
  const fault = name === "" && !tried ? undefined : folderFault(prefix, name);
  const key = `${prefix}${name}/`;
  const create = useWrite((Key: string) => s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "" })), {
    invalidates: [["s3", "bucket", bucket, "objects"]],
    done: () => m("folderCreated", { name }),
  });
  const submit = async () => {
    setTried(true);
    if (folderFault(prefix, name) === undefined && (await create.run(key))) onClose();
  };
  return (
    <Modal
      visible
      onDismiss={onClose}
      header={m("createFolder")}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {c("cancel")}
            </Button>
            <Button variant="primary" formAction="submit" form="create-folder" loading={create.pending}>
              {m("createFolder")}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id="create-folder"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <SpaceBetween size="m">
          <FormField label={m("folderName")} description={m("folderText")} errorText={fault && m(fault)}>
            <Input value={name} spellcheck={false} onChange={({ detail }) => setName(detail.value)} />
          </FormField>
          {create.problem && <ErrorPanel problem={create.problem} />}
          <ViewAs calls={[{ service: "s3api", command: "put-object", options: { bucket, key } }]} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
