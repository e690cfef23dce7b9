import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useCallback, useId, useState, type ComponentType } from "react";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import { defaultStyle, render, type Value } from "../model/edit";

/** Something that an editor can insert: a statement that a form asks about. */
export interface Template {
  id: string;
  title: string;
  description?: string;
  Form: ComponentType<TemplateFormProps>;
}

export interface TemplateFormProps {
  /** Is given the statement, or undefined as long as the form is not filled in. */
  onStatement: (statement: Value | undefined) => void;
  /** Somebody tried to go on: the form shows what is missing. */
  tried: boolean;
}

interface Props {
  template: Template;
  /** Is given the statement as JSON. */
  onInsert: (statement: string) => void;
  onClose: () => void;
}

/** Asks for what a template leaves open, then inserts its statement. */
export function TemplateDialog({ template, onInsert, onClose }: Props) {
  const m = useMessages(words);
  const form = useId();
  const [tried, setTried] = useState(false);
  const [statement, setStatement] = useState<string>();
  const { Form } = template;
  const take = useCallback(
    (value: Value | undefined) => setStatement(value === undefined ? undefined : render(value, defaultStyle, "")),
    [],
  );
  return (
    <Modal
      visible
      header={template.title}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button formAction="none" variant="link" onClick={onClose}>
              {m("cancel")}
            </Button>
            <Button variant="primary" form={form} formAction="submit">
              {m("templateInsert")}
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
          setTried(true);
          if (statement !== undefined) onInsert(statement);
        }}
      >
        <SpaceBetween size="m">
          {template.description && <Box color="text-body-secondary">{template.description}</Box>}
          <Form onStatement={take} tried={tried} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
