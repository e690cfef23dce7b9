import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { useWrite } from "@/aws";
import { PutObjectCommand, useS3 } from "@/aws/s3";
import { FormDialog } from "@/components/credentials/dialog";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { folderFault } from "./keys";

/** A folder is an empty object whose key ends with a slash. */
export function CreateFolder({ bucket, prefix, onClose }: { bucket: string; prefix: string; onClose: () => void }) {
  const m = useMessages(messages);
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
    <FormDialog
      title={m("createFolder")}
      label={m("createFolder")}
      pending={create.pending}
      problem={create.problem}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <FormField label={m("folderName")} description={m("folderText")} errorText={fault && m(fault)}>
        <Input value={name} spellcheck={false} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <ViewAs calls={[{ service: "s3api", command: "put-object", options: { bucket, key } }]} />
    </FormDialog>
  );
}
