/** A field to which names are added one after another: typed, or chosen from what is known. */
import Autosuggest, { type AutosuggestProps } from "@cloudscape-design/components/autosuggest";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TokenGroup from "@cloudscape-design/components/token-group";
import { useRef, useState } from "react";

interface Props {
  label: string;
  description?: string;
  values: string[];
  onChange: (values: string[]) => void;
  options: AutosuggestProps.Options;
  /** What is being typed, for options that follow it. */
  onTyped?: (text: string) => void;
  /** What is wrong with what is being typed. */
  check: (value: string) => string | undefined;
  /** What is missing, when somebody tried to go on. */
  missing?: string;
  placeholder?: string;
  texts: {
    add: string;
    use: (text: string) => string;
    remove: (value: string) => string;
    chosen: string;
  };
}

export function TokenInput(props: Props) {
  const { label, description, values, onChange, options, check, missing, placeholder, texts } = props;
  const [typed, setTypedText] = useState("");
  const setTyped = (text: string) => {
    setTypedText(text);
    props.onTyped?.(text);
  };
  const [refused, setRefused] = useState<string>();
  const picked = useRef(false);
  const add = (value: string) => {
    const wanted = value.trim();
    if (wanted === "") return;
    const wrong = check(wanted);
    setRefused(wrong);
    if (wrong !== undefined) {
      setTyped(wanted);
      return;
    }
    if (!values.includes(wanted)) onChange([...values, wanted]);
    setTyped("");
  };
  return (
    <SpaceBetween size="xs">
      <FormField
        label={label}
        description={description}
        errorText={refused ?? (typed === "" ? missing : undefined)}
        secondaryControl={
          <Button disabled={typed.trim() === ""} onClick={() => add(typed)} ariaLabel={`${texts.add}: ${label}`}>
            {texts.add}
          </Button>
        }
      >
        <Autosuggest
          value={typed}
          placeholder={placeholder}
          options={options}
          enteredTextLabel={texts.use}
          expandToViewport
          onChange={({ detail }) => {
            setTyped(detail.value);
            setRefused(undefined);
          }}
          onSelect={({ detail }) => {
            picked.current = true;
            setTimeout(() => (picked.current = false));
            // What is offered and is no whole value, a service of an action, is where to type on.
            if (detail.selectedOption && check(detail.value) !== undefined) setTyped(detail.value);
            else add(detail.value);
          }}
          onKeyDown={(event) => {
            // With the list open, Enter has chosen from it before this is told; with the list closed it adds what was typed.
            if (event.detail.key === "Enter" && !event.detail.isComposing && !picked.current) add(typed);
          }}
        />
      </FormField>
      {values.length > 0 && (
        <div role="group" aria-label={texts.chosen}>
          <TokenGroup
            items={values.map((value) => ({ label: value, dismissLabel: texts.remove(value) }))}
            onDismiss={({ detail }) => onChange(values.filter((_, i) => i !== detail.itemIndex))}
          />
        </div>
      )}
    </SpaceBetween>
  );
}
