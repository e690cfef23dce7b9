/** Fields that creating and editing a role have in common. */
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import Textarea from "@cloudscape-design/components/textarea";
import { useMessages } from "@/messages";
import messages from "@/messages/en/roles";
import { useDuration } from "./duration";

export const isDescription = (text: string) => text.length <= 1000;

export function DescriptionField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const m = useMessages(messages);
  return (
    <FormField
      label={m("roleDescription")}
      constraintText={m("descriptionLong")}
      errorText={isDescription(value) ? undefined : m("descriptionLong")}
    >
      <Textarea value={value} rows={3} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}

/** 1 to 12 hours; a role that has another duration keeps it unless it is changed. */
export function SessionField({ value, onChange }: { value: number; onChange: (seconds: number) => void }) {
  const m = useMessages(messages);
  const duration = useDuration();
  const choices = [...new Set([1, 2, 4, 8, 12].map((h) => h * 3600).concat(value))].toSorted((a, b) => a - b);
  const options = choices.map((seconds) => ({ value: String(seconds), label: duration(seconds) }));
  return (
    <FormField label={m("maxSession")} description={m("sessionText")}>
      <Select
        options={options}
        selectedOption={options.find((o) => o.value === String(value)) ?? null}
        onChange={({ detail }) => onChange(Number(detail.selectedOption.value))}
      />
    </FormField>
  );
}
