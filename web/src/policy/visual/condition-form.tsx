import Autosuggest from "@cloudscape-design/components/autosuggest";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useId, useMemo, useState } from "react";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import { covered, keysOf, mostServices, prefixesOf, useGlobals, useServicesOf } from "../catalog";
import {
  findKey,
  formatOperator,
  isMultivalued,
  operatorsFor,
  parseOperator,
  templateOf,
  valueFault,
  type Key,
  type Operator,
} from "../model/keys";

export interface ConditionValue {
  operator: string;
  key: string;
  values: string[];
}

interface Props {
  /** The statement's actions: their keys are offered first. */
  patterns: readonly string[];
  value?: ConditionValue;
  onDone: (value: ConditionValue) => void;
  onClose: () => void;
}

/** Asks for one condition: a key, how it is compared, and with what. */
export function ConditionForm({ patterns, value, onDone, onClose }: Props) {
  const m = useMessages(words);
  const form = useId();
  const { own, global } = useKnownKeys(patterns);
  const [key, setKey] = useState(value?.key ?? "");
  const [operator, setOperator] = useState<Operator | undefined>(value && parseOperator(value.operator));
  const [text, setText] = useState(value?.values.join("\n") ?? "");
  const [tried, setTried] = useState(false);

  const known = useMemo(() => findKey([...own, ...global], key), [own, global, key]);
  const type = known?.type ?? "Unknown";
  const names = operatorsFor(type);
  const multi = isMultivalued(type);
  const chosen: Operator = operator ?? {
    name: names[0] ?? "StringEquals",
    quantifier: multi ? "ForAnyValue" : "",
    ifExists: false,
  };
  const written = formatOperator(chosen);
  const yesNo = chosen.name === "Bool" || chosen.name === "Null";
  const values = text.split("\n").filter((v) => v !== "");
  const wrong = values.flatMap((v) => {
    const fault = valueFault(written, v);
    return fault ? [m(`value_${fault}`, { value: v })] : [];
  });
  const keyWrong =
    key.trim() === ""
      ? m("keyMissing")
      : key.endsWith("/")
        ? m("keyUnfinished")
        : key.includes(":")
          ? undefined
          : m("keyForm");
  const valueWrong = values.length === 0 ? m("valueMissing") : wrong[0];

  const option = (k: Key) => ({ value: templateOf(k.name)?.before ?? k.name, label: k.name, description: k.type });
  return (
    <Modal
      visible
      header={value ? m("conditionTitleEdit") : m("conditionTitle")}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button formAction="none" variant="link" onClick={onClose}>
              {m("cancel")}
            </Button>
            <Button variant="primary" form={form} formAction="submit">
              {value ? m("change") : m("add")}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          event.stopPropagation();
          setTried(true);
          if (!keyWrong && !valueWrong) onDone({ operator: written, key: key.trim(), values });
        }}
      >
        <SpaceBetween size="m">
          <FormField
            label={m("key")}
            description={known ? m("keyType", { type: known.type }) : m("keyHelp")}
            errorText={tried ? keyWrong : undefined}
            stretch
          >
            <Autosuggest
              value={key}
              onChange={({ detail }) => {
                setKey(detail.value);
                // Another key may be of another type: what was proposed for this one is proposed anew.
                if (!value) setOperator(undefined);
              }}
              enteredTextLabel={(text) => m("keyUse", { text })}
              placeholder="aws:SourceIp"
              virtualScroll
              expandToViewport
              ariaLabel={m("key")}
              options={[
                ...(own.length > 0 ? [{ label: m("keysOfActions"), options: own.map(option) }] : []),
                { label: m("keysGlobal"), options: global.map(option) },
              ]}
            />
          </FormField>
          <FormField label={m("operator")} stretch>
            <Select
              selectedOption={{ value: chosen.name, label: chosen.name }}
              expandToViewport
              options={[...new Set([...names, chosen.name])].map((n) => ({ value: n, label: n }))}
              onChange={({ detail }) => {
                const name = detail.selectedOption.value ?? "";
                const plain = name === "Null" ? ({ quantifier: "", ifExists: false } as const) : {};
                setOperator({ ...chosen, name, ...plain });
                // What was ticked for one is no text for the other.
                if ((name === "Bool" || name === "Null") !== yesNo) setText("");
              }}
            />
          </FormField>
          {chosen.name !== "Null" && (multi || chosen.quantifier !== "") && (
            <FormField label={m("quantifier")} description={m("quantifierHelp")}>
              <RadioGroup
                value={chosen.quantifier}
                onChange={({ detail }) =>
                  setOperator({ ...chosen, quantifier: detail.value as Operator["quantifier"] })
                }
                items={[
                  { value: "ForAnyValue", label: m("quantifierAny"), description: m("operatorForAny") },
                  { value: "ForAllValues", label: m("quantifierAll"), description: m("operatorForAll") },
                  ...(multi ? [] : [{ value: "", label: m("quantifierNone") }]),
                ]}
              />
            </FormField>
          )}
          <FormField label={m("values")} errorText={tried || wrong.length > 0 ? valueWrong : undefined} stretch>
            {yesNo ? (
              <RadioGroup
                direction="horizontal"
                ariaLabel={m("values")}
                value={values[0] ?? null}
                onChange={({ detail }) => setText(detail.value)}
                items={["true", "false"].map((v) => ({
                  value: v,
                  label: chosen.name === "Null" ? m(v === "true" ? "nullTrue" : "nullFalse") : v,
                }))}
              />
            ) : (
              <Textarea
                value={text}
                rows={Math.min(8, values.length + 2)}
                placeholder={m("valuesHelp")}
                spellcheck={false}
                onChange={({ detail }) => setText(detail.value)}
              />
            )}
          </FormField>
          {chosen.name !== "Null" && (
            <Checkbox
              checked={chosen.ifExists}
              description={m("operatorIfExists")}
              onChange={({ detail }) => setOperator({ ...chosen, ifExists: detail.checked })}
            >
              {m("ifExists")}
            </Checkbox>
          )}
          <Box color="text-body-secondary" fontSize="body-s">
            <code className="policy-code">{written}</code>
          </Box>
        </SpaceBetween>
      </form>
    </Modal>
  );
}

/** useKnownKeys returns the keys that actions know, and those of every request. */
function useKnownKeys(patterns: readonly string[]): { own: Key[]; global: Key[] } {
  const { keys: global } = useGlobals();
  const prefixes = useMemo(() => prefixesOf(patterns).slice(0, mostServices), [patterns]);
  const services = useServicesOf(prefixes);
  return useMemo(() => {
    const names = new Set(global.map((k) => k.name));
    const own = services
      .flatMap((s) =>
        keysOf(
          s,
          patterns.flatMap((p) => covered(s, p)),
        ),
      )
      .filter((k) => !names.has(k.name));
    return { own, global };
  }, [services, global, patterns]);
}
