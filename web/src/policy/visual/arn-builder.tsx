import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useId, useState } from "react";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import type { ResourceType } from "../catalog";
import { blanksOf, fill, take } from "../model/arns";

interface Props {
  type: ResourceType;
  /** The ARN that is changed; without it a new one is made. */
  arn?: string;
  accountId: string;
  onDone: (arn: string) => void;
  onClose: () => void;
}

/** Asks for the parts of an ARN. What is left open stands for any. */
export function ArnBuilder({ type, arn, accountId, onDone, onClose }: Props) {
  const m = useMessages(words);
  const form = useId();
  const blanks = blanksOf(type.pattern).filter((b) => b.name !== "Partition");
  const [values, setValues] = useState<Record<number, string>>(() => {
    if (arn !== undefined) {
      const found = take(type.pattern, arn) ?? {};
      return Object.fromEntries(Object.entries(found).map(([id, v]) => [id, v === "*" ? "" : v]));
    }
    return Object.fromEntries(blanks.map((b) => [b.id, b.name === "Account" ? accountId : ""]));
  });
  const built = fill(type.pattern, values);
  const title = arn === undefined ? m("arnTitle", { type: type.name }) : m("arnTitleEdit", { type: type.name });
  return (
    <Modal
      visible
      header={title}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button formAction="none" variant="link" onClick={onClose}>
              {m("cancel")}
            </Button>
            <Button variant="primary" form={form} formAction="submit">
              {arn === undefined ? m("add") : m("change")}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          // A dialog's form is inside of the page's to React.
          event.stopPropagation();
          onDone(built);
        }}
      >
        <SpaceBetween size="m">
          <FormField label={m("arn")} description={m("arnPaste")} stretch>
            <Input
              value={built}
              spellcheck={false}
              autoComplete={false}
              onChange={({ detail }) => {
                const found = take(type.pattern, detail.value.trim());
                if (found)
                  setValues(Object.fromEntries(Object.entries(found).map(([id, v]) => [id, v === "*" ? "" : v])));
              }}
            />
          </FormField>
          {blanks.map((blank) => (
            <FormField key={blank.id} label={labelOf(blank.name)} stretch>
              <Input
                value={values[blank.id] ?? ""}
                placeholder={m("arnAny")}
                spellcheck={false}
                autoComplete={false}
                onChange={({ detail }) => setValues({ ...values, [blank.id]: detail.value })}
              />
            </FormField>
          ))}
        </SpaceBetween>
      </form>
    </Modal>
  );
}

/** labelOf makes words of a name: "BucketName" → "Bucket name". */
function labelOf(name: string): string {
  const spaced = name.replace(/([a-z\d])([A-Z])/g, "$1 $2").replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2");
  return spaced
    .split(" ")
    .map((w, i) => (i > 0 && /^[A-Z][a-z]/.test(w) ? w.toLowerCase() : w))
    .join(" ");
}
