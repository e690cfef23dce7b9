import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { useSession, useWrite } from "@/aws";
import { CreateBucketCommand, useS3, type BucketLocationConstraint } from "@/aws/s3";
import { FormDialog } from "@/components/credentials/dialog";
import { useGo } from "@/components/links";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { bucketFault, folderPath } from "./keys";

/** The region in which a bucket has no location constraint. */
const first = "us-east-1";

export function CreateBucket({ onClose }: { onClose: () => void }) {
  const m = useMessages(messages);
  const go = useGo();
  const s3 = useS3();
  const { region } = useSession();
  const [name, setName] = useState("");
  const [tried, setTried] = useState(false);
  const fault = name === "" && !tried ? undefined : bucketFault(name);
  const constraint = region === first ? undefined : (region as BucketLocationConstraint);
  const create = useWrite(
    (Bucket: string) =>
      s3.send(
        new CreateBucketCommand({
          Bucket,
          CreateBucketConfiguration: constraint && { LocationConstraint: constraint },
        }),
      ),
    { invalidates: [["s3", "buckets"]], done: (_, bucket) => m("created1", { name: bucket }) },
  );
  const submit = async () => {
    setTried(true);
    if (bucketFault(name) !== undefined || create.pending) return;
    if (await create.run(name)) {
      onClose();
      go(folderPath(name, ""));
    }
  };
  const conflict = create.problem?.kind === "failed" && create.problem.code === "BucketAlreadyExists";
  return (
    <FormDialog
      title={m("create")}
      label={m("create")}
      pending={create.pending}
      problem={conflict ? undefined : create.problem}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <FormField label={m("bucketName")} constraintText={m("bucketRules")} errorText={fault && m(fault)}>
        <Input
          value={name}
          autoComplete={false}
          spellcheck={false}
          onChange={({ detail }) => {
            create.reset();
            setName(detail.value);
          }}
        />
      </FormField>
      {conflict && <Alert type="warning">{m("bucketTaken")}</Alert>}
      <ViewAs
        calls={[
          {
            service: "s3api",
            command: "create-bucket",
            options: {
              bucket: name || "my-bucket",
              "create-bucket-configuration": constraint && `LocationConstraint=${constraint}`,
            },
            terraform: `resource "aws_s3_bucket" "bucket" {\n  bucket = ${JSON.stringify(name || "my-bucket")}\n}`,
          },
        ]}
      />
    </FormDialog>
  );
}
