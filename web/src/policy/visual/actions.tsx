import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TokenGroup from "@cloudscape-design/components/token-group";
import { useMemo, useState } from "react";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import { prefixOf, prefixesOf, useServices } from "../catalog";
import { setNot, setValues } from "../model/statement";
import { OtherPart } from "./other-part";
import { Part } from "./part";
import { ServiceActions } from "./service-actions";
import type { PartProps } from "./statement-card";

/** With more services than this each begins folded. */
const few = 3;

/** What a statement lets be done: by service and access level, or as patterns. */
export function Actions({ document, statement, onChange, onShowJson }: PartProps) {
  const m = useMessages(words);
  const services = useServices();
  const { index, action } = statement;
  const [chosen, setChosen] = useState<string[]>([]);
  const [pattern, setPattern] = useState("");
  const values = useMemo(() => (action.shape === "list" ? action.values.map((v) => v.value) : []), [action]);
  const options = useMemo(
    () => services.map((s) => ({ value: s.prefix, label: s.name, tags: [s.prefix], filteringTags: [s.prefix] })),
    [services],
  );
  if (action.shape === "other") {
    return <OtherPart name={m("actions")} onShowJson={() => onShowJson(action.members[0]!.value)} />;
  }
  const change = (next: string[]) => onChange(setValues(document, index, "Action", next));
  const named = prefixesOf(values);
  const prefixes = [...named, ...chosen.filter((p) => !named.includes(p))];
  // What names no single service has no list of actions to be ticked in.
  const loose = values.filter((v) => prefixOf(v) === undefined);
  const not = action.shape === "list" && action.not;
  const add = () => {
    const next = pattern.split(/[\s,]+/).filter((p) => p !== "");
    if (next.length > 0) change([...values, ...next]);
    setPattern("");
  };
  return (
    <Part title={m("actions")}>
      <SpaceBetween size="s">
        {action.shape === "list" && (
          <RadioGroup
            direction="horizontal"
            ariaLabel={m("actions")}
            value={not ? "not" : "these"}
            onChange={({ detail }) => onChange(setNot(document, index, "Action", detail.value === "not"))}
            items={[
              { value: "these", label: m("actionsThese") },
              { value: "not", label: m("actionsNot") },
            ]}
          />
        )}
        {loose.length > 0 && (
          <TokenGroup
            items={loose.map((v) => ({
              label: v,
              description: v === "*" ? m("actionEvery") : undefined,
              dismissLabel: m("removeValue", { value: v }),
            }))}
            onDismiss={({ detail }) => change(values.filter((v) => v !== loose[detail.itemIndex]))}
          />
        )}
        {prefixes.map((prefix) => (
          <ServiceActions
            key={prefix}
            prefix={prefix}
            values={values}
            unfolded={prefixes.length <= few || chosen.includes(prefix)}
            onChange={change}
            onRemove={() => {
              setChosen(chosen.filter((p) => p !== prefix));
              if (named.includes(prefix)) change(values.filter((v) => prefixOf(v) !== prefix));
            }}
          />
        ))}
        {values.length === 0 && prefixes.length === 0 && <Box color="text-body-secondary">{m("actionsNone")}</Box>}
        <form
          className="policy-add"
          onSubmit={(event) => {
            event.preventDefault();
            event.stopPropagation();
            add();
          }}
        >
          <FormField label={m("serviceAdd")}>
            <Select
              filteringType="auto"
              virtualScroll
              expandToViewport
              placeholder={m("serviceChoose")}
              filteringPlaceholder={m("serviceFind")}
              filteringAriaLabel={m("serviceFind")}
              selectedOption={null}
              options={options}
              statusType={services.length === 0 ? "loading" : "finished"}
              loadingText={m("loading")}
              empty={m("serviceNone")}
              onChange={({ detail }) => {
                const prefix = detail.selectedOption.value ?? "";
                if (!prefixes.includes(prefix)) setChosen([...chosen, prefix]);
              }}
            />
          </FormField>
          <FormField label={m("patternAdd")} stretch>
            <Input
              value={pattern}
              placeholder={m("patternExample")}
              spellcheck={false}
              autoComplete={false}
              onChange={({ detail }) => setPattern(detail.value)}
            />
          </FormField>
          <Button formAction="submit" disabled={pattern.trim() === ""}>
            {m("add")}
          </Button>
        </form>
      </SpaceBetween>
    </Part>
  );
}
