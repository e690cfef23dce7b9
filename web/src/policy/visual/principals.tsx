import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TokenGroup from "@cloudscape-design/components/token-group";
import { useState } from "react";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import { principalTypes, read, type PrincipalType } from "../model/document";
import { setEverybody, setNot, setPrincipals } from "../model/statement";
import { OtherPart } from "./other-part";
import { Part } from "./part";
import type { PartProps } from "./statement-card";

/** Who a statement is about. */
export function Principals({ document, statement, kind, accountId, onChange, onShowJson }: PartProps) {
  const m = useMessages(words);
  const { index, principal } = statement;
  const [type, setType] = useState<PrincipalType>("AWS");
  const [value, setValue] = useState("");
  if (principal.shape === "other") {
    return <OtherPart name={m("principal")} onShowJson={() => onShowJson(principal.members[0]!.value)} />;
  }
  const found = principal.shape === "principals" ? principal : undefined;
  const entries = found?.entries.flatMap((e) => e.values.map((v) => ({ type: e.type, value: v.value }))) ?? [];
  const mode = found?.everybody ? "everybody" : found?.not ? "not" : "these";
  const valuesOf = (t: PrincipalType) => entries.filter((e) => e.type === t).map((e) => e.value);

  const choose = (next: string) => {
    if (next === "everybody") return onChange(setEverybody(document, index));
    // An element that is there only has its name changed: who it names stays.
    const named = !found || found.everybody ? read(setPrincipals(document, index, "AWS", [])) : document;
    onChange(setNot(named, index, "Principal", next === "not"));
  };
  const add = (t: PrincipalType, v: string) => {
    if (v.trim() === "") return;
    onChange(setPrincipals(document, index, t, [...valuesOf(t), v.trim()]));
    setValue("");
  };
  return (
    <Part title={m("principal")} description={m("principalHelp")}>
      <SpaceBetween size="s">
        <RadioGroup
          direction="horizontal"
          ariaLabel={m("principal")}
          value={mode}
          onChange={({ detail }) => choose(detail.value)}
          items={[
            { value: "these", label: m("principalThese") },
            { value: "everybody", label: m("principalEverybody") },
            ...(kind === "trust" && mode !== "not" ? [] : [{ value: "not", label: m("principalNot") }]),
          ]}
        />
        {mode !== "everybody" && (
          <SpaceBetween size="s">
            <TokenGroup
              limit={20}
              items={entries.map((e) => ({
                label: e.value,
                labelTag: m(`type${e.type}`),
                dismissLabel: m("removeValue", { value: e.value }),
              }))}
              onDismiss={({ detail }) => {
                const gone = entries[detail.itemIndex];
                if (gone)
                  onChange(
                    setPrincipals(
                      document,
                      index,
                      gone.type,
                      valuesOf(gone.type).filter((v) => v !== gone.value),
                    ),
                  );
              }}
            />
            <form
              className="policy-add"
              onSubmit={(event) => {
                event.preventDefault();
                event.stopPropagation();
                add(type, value);
              }}
            >
              <FormField label={m("principalType")}>
                <Select
                  selectedOption={{ value: type, label: m(`type${type}`) }}
                  options={principalTypes.map((t) => ({ value: t, label: m(`type${t}`) }))}
                  onChange={({ detail }) => setType(detail.selectedOption.value as PrincipalType)}
                />
              </FormField>
              <FormField label={m("principalValue")} constraintText={m(`principalValue${type}`)} stretch>
                <Input
                  value={value}
                  spellcheck={false}
                  autoComplete={false}
                  placeholder={m(`principalExample${type}`)}
                  onChange={({ detail }) => setValue(detail.value)}
                />
              </FormField>
              <Button formAction="submit" disabled={value.trim() === ""}>
                {m("add")}
              </Button>
              {accountId !== "" && type === "AWS" && (
                <Button formAction="none" onClick={() => add("AWS", `arn:aws:iam::${accountId}:root`)}>
                  {m("principalThisAccount")}
                </Button>
              )}
            </form>
          </SpaceBetween>
        )}
      </SpaceBetween>
    </Part>
  );
}
