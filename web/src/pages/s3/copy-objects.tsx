import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useRef, useState } from "react";
import { useWrite } from "@/aws";
import { useS3 } from "@/aws/s3";
import { ErrorPanel } from "@/components/error-panel";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/s3";
import { copyAll, copyFault, destination, targetOf } from "./copying";
import { bucketFault, copySource, folderOf } from "./keys";
import type { Entry } from "./listing";

interface Props {
  bucket: string;
  entries: Entry[];
  onClose: () => void;
  onMoved?: () => void;
}

/** Copies or moves objects and folders, within the bucket or to another. */
export function CopyObjects({ bucket, entries, onClose, onMoved }: Props) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const s3 = useS3();
  const [first] = entries;
  const only = entries.length === 1 ? first : undefined;
  const own = only?.name.replace(/\/$/, "") ?? "";
  const [move, setMove] = useState(false);
  const [address, setAddress] = useState(`s3://${bucket}/${folderOf(first?.key ?? "")}`);
  const [name, setName] = useState(own);
  const [tried, setTried] = useState(false);
  const [count, setCount] = useState(0);
  const total = useRef(0);
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const target = { ...targetOf(address, bucket), name: only && name !== "" ? name : undefined };
  const fault = bucketFault(target.bucket) ?? copyFault(entries, bucket, target);
  const copy = useWrite(
    async () => {
      const { signal } = (abort.current = new AbortController());
      const done = (so: number) => setCount((total.current = so));
      await copyAll(s3, bucket, entries, target, { move, done, signal });
    },
    {
      invalidates: [
        ["s3", "bucket", bucket, "objects"],
        ["s3", "bucket", target.bucket, "objects"],
      ],
      done: () => m(move ? "moved" : "copied", { count: total.current }),
    },
  );
  const submit = async () => {
    setTried(true);
    if (fault || copy.pending || !(await copy.run(undefined))) return;
    onClose();
    if (move) onMoved?.();
  };
  const call = first && {
    service: "s3api",
    command: "copy-object",
    options: {
      bucket: target.bucket,
      key: destination(first, first.key, target),
      "copy-source": copySource(bucket, first.key),
    },
  };
  return (
    <Modal
      visible
      onDismiss={onClose}
      header={m("copyTitle", { count: entries.length, name: first?.name ?? "" })}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {c("cancel")}
            </Button>
            <Button variant="primary" formAction="submit" form="copy-objects" loading={copy.pending}>
              {m(move ? "move" : "copyIt")}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id="copy-objects"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <SpaceBetween size="m">
          <RadioGroup
            ariaLabel={m("copyOrMove")}
            value={move ? "move" : "copy"}
            onChange={({ detail }) => setMove(detail.value === "move")}
            items={[
              { value: "copy", label: m("copyIt"), description: m("copyText") },
              { value: "move", label: m("move"), description: m("moveText") },
            ]}
          />
          <FormField
            label={m("copyTo")}
            description={m("copyToText")}
            errorText={tried && fault ? m(fault) : undefined}
          >
            <Input value={address} spellcheck={false} onChange={({ detail }) => setAddress(detail.value)} />
          </FormField>
          {only && (
            <FormField label={m("copyName")}>
              <Input value={name} spellcheck={false} onChange={({ detail }) => setName(detail.value)} />
            </FormField>
          )}
          <Alert type="info">{m("copyReplaces")}</Alert>
          {count > 0 && <div aria-live="polite">{m("copiedSoFar", { count })}</div>}
          {copy.problem && <ErrorPanel problem={copy.problem} />}
          {call && <ViewAs calls={[call]} />}
        </SpaceBetween>
      </form>
    </Modal>
  );
}
