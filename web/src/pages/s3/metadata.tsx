import Alert from "@cloudscape-design/components/alert";
import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { useWrite } from "@/aws";
import { CopyObjectCommand, useS3, type HeadObjectCommandOutput } from "@/aws/s3";
import { FormDialog } from "@/components/credentials/dialog";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/s3";
import { copySource, nameOf } from "./keys";

/** What HTTP knows of an object, as S3's calls and its command line name it. */
export const headers = [
  ["ContentType", "Content-Type"],
  ["CacheControl", "Cache-Control"],
  ["ContentDisposition", "Content-Disposition"],
  ["ContentEncoding", "Content-Encoding"],
  ["ContentLanguage", "Content-Language"],
] as const;

type Headers = Record<(typeof headers)[number][0], string>;

interface Entry {
  name: string;
  value: string;
}

/** Names travel as parts of HTTP headers, values as what they say. */
const nameFits = (name: string) => /^[\w!#$%&'*+.^`|~-]+$/.test(name);
const valueFits = (value: string) => /^[\x20-\x7e]*$/.test(value);

interface Props {
  bucket: string;
  objectKey: string;
  head: HeadObjectCommandOutput;
  onClose: () => void;
}

/** Changes what is said of an object. S3 knows no other way than to copy it onto itself. */
export function EditMetadata({ bucket, objectKey, head, onClose }: Props) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const s3 = useS3();
  const [said, setSaid] = useState(
    () => Object.fromEntries(headers.map(([member]) => [member, head[member] ?? ""])) as Headers,
  );
  const [own, setOwn] = useState<Entry[]>(() =>
    Object.entries(head.Metadata ?? {}).map(([name, value]) => ({ name, value })),
  );
  const Metadata = Object.fromEntries(own.map(({ name, value }) => [name.toLowerCase(), value]));
  const given = headers.filter(([member]) => said[member] !== "").map(([member]) => [member, said[member]] as const);
  const save = useWrite(
    () =>
      s3.send(
        new CopyObjectCommand({
          Bucket: bucket,
          Key: objectKey,
          CopySource: copySource(bucket, objectKey),
          CopySourceIfMatch: head.ETag, // somebody else may have written it since it was read
          MetadataDirective: "REPLACE",
          StorageClass: head.StorageClass,
          Metadata,
          ...Object.fromEntries(given),
        }),
      ),
    {
      invalidates: [["s3", "bucket", bucket, "objects"]],
      done: () => m("metadataSaved", { name: nameOf(objectKey) }),
      onDone: onClose,
    },
  );
  const change = (index: number, part: Partial<Entry>) =>
    setOwn(own.map((entry, i) => (i === index ? { ...entry, ...part } : entry)));
  const wrong =
    own.some(({ name, value }) => !nameFits(name) || !valueFits(value)) ||
    Object.keys(Metadata).length < own.length ||
    given.some(([, value]) => !valueFits(value));
  return (
    <FormDialog
      title={m("metadataTitle", { name: nameOf(objectKey) })}
      label={c("save")}
      size="large"
      pending={save.pending}
      problem={save.problem}
      disabled={wrong}
      onSubmit={() => save.start(undefined)}
      onClose={onClose}
    >
      <Alert type="info">{m("metadataText")}</Alert>
      {headers.map(([member, header]) => (
        <FormField
          key={member}
          label={header}
          errorText={valueFits(said[member]) ? undefined : m("metadataValueWrong")}
        >
          <Input
            value={said[member]}
            spellcheck={false}
            onChange={({ detail }) => setSaid({ ...said, [member]: detail.value })}
          />
        </FormField>
      ))}
      <AttributeEditor<Entry>
        items={own}
        addButtonText={m("metadataAdd")}
        removeButtonText={c("remove")}
        removeButtonAriaLabel={({ name }) => m("metadataRemove", { name })}
        empty={m("metadataNone")}
        onAddButtonClick={() => setOwn([...own, { name: "", value: "" }])}
        onRemoveButtonClick={({ detail }) => setOwn(own.filter((_, i) => i !== detail.itemIndex))}
        definition={[
          {
            label: m("metadataName"),
            control: ({ name }, i) => (
              <Input value={name} spellcheck={false} onChange={({ detail }) => change(i, { name: detail.value })} />
            ),
            errorText: ({ name }) => (name === "" || nameFits(name) ? undefined : m("metadataNameWrong")),
          },
          {
            label: m("metadataValue"),
            control: ({ value }, i) => (
              <Input value={value} spellcheck={false} onChange={({ detail }) => change(i, { value: detail.value })} />
            ),
            errorText: ({ value }) => (valueFits(value) ? undefined : m("metadataValueWrong")),
          },
        ]}
      />
      <ViewAs
        calls={[
          {
            service: "s3api",
            command: "copy-object",
            options: {
              bucket,
              key: objectKey,
              "copy-source": copySource(bucket, objectKey),
              "metadata-directive": "REPLACE",
              metadata: own.length > 0 ? JSON.stringify(Metadata) : undefined,
              ...Object.fromEntries(
                headers.map(([member, header]) => [header.toLowerCase(), said[member] || undefined]),
              ),
            },
          },
        ]}
      />
    </FormDialog>
  );
}
