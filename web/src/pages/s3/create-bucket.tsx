import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useSession, useWrite } from "@/aws";
import { CreateBucketCommand, useS3, type BucketLocationConstraint } from "@/aws/s3";
import { ErrorPanel } from "@/components/error-panel";
import { useGo } from "@/components/links";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/s3";
import { bucketFault, folderPath } from "./keys";

/** The region in which a bucket has no location constraint. */
const first = "us-east-1";

export function CreateBucket({ onClose }: { onClose: () => void }) {
  const m = useMessages(messages);
  const c = useMessages(common);
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
    <Modal
      visible
      onDismiss={onClose}
      header={m("create")}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {c("cancel")}
            </Button>
            <Button variant="primary" formAction="submit" form="create-bucket" loading={create.pending}>
              {m("create")}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id="create-bucket"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <SpaceBetween size="m">
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
          {create.problem && !conflict && <ErrorPanel problem={create.problem} />}
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
        </SpaceBetween>
      </form>
    </Modal>
  );
}
