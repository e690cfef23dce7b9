import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useMessages } from "@/messages";
import messages from "@/messages/en/simulator";

interface DocumentProps {
  label: string;
  description: string;
  value: string;
  onChange: (text: string) => void;
  /** It may be left empty. */
  optional?: boolean;
  /** Whether somebody tried to go on: what is empty is wrong by then. */
  tried?: boolean;
}

/** A field for a policy that is pasted. */
export function Document({ label, description, value, onChange, optional = false, tried = false }: DocumentProps) {
  const m = useMessages(messages);
  const empty = value.trim() === "";
  const wrong = empty ? tried && !optional : !isObject(value);
  return (
    <FormField label={label} description={description} errorText={wrong ? m("documentWrong") : undefined} stretch>
      <Textarea value={value} rows={8} spellcheck={false} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}

interface DocumentsProps {
  values: string[];
  onChange: (values: string[]) => void;
  tried: boolean;
}

/** Fields for policies that decide together, at least one. */
export function Documents({ values, onChange, tried }: DocumentsProps) {
  const m = useMessages(messages);
  return (
    <SpaceBetween size="m">
      {values.map((value, i) => (
        <SpaceBetween key={i} size="xs">
          <Document
            label={values.length === 1 ? m("document") : m("part_document", { number: i + 1 })}
            description={m("documentText")}
            value={value}
            onChange={(text) => onChange(values.map((v, n) => (n === i ? text : v)))}
            tried={tried}
          />
          {values.length > 1 && (
            <Button formAction="none" onClick={() => onChange(values.filter((_, n) => n !== i))}>
              {m("documentRemove", { number: i + 1 })}
            </Button>
          )}
        </SpaceBetween>
      ))}
      <Button formAction="none" iconName="add-plus" onClick={() => onChange([...values, ""])}>
        {m("documentAdd")}
      </Button>
    </SpaceBetween>
  );
}

export function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
