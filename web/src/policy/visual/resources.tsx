import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMemo, useState } from "react";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import { covered, mostServices, prefixesOf, resourceTypesOf, useServicesOf, type ResourceType } from "../catalog";
import { ofType, typeOf } from "../model/arns";
import { read } from "../model/document";
import { setNot, setValues } from "../model/statement";
import { ArnBuilder } from "./arn-builder";
import { OtherPart } from "./other-part";
import { Part } from "./part";
import type { PartProps } from "./statement-card";

/** A type of resource that the statement's actions take. */
export type TakenType = ResourceType & { required: boolean; service: string; actions: string[] };

/** What a statement's actions are about: everything, or resources by type. */
export function Resources({ document, statement, accountId, onChange, onShowJson }: PartProps) {
  const m = useMessages(words);
  const { index, action, resource } = statement;
  const [building, setBuilding] = useState<{ type?: TakenType; arn?: string }>();
  const [typed, setTyped] = useState("");
  const patterns = useMemo(
    () => (action.shape === "list" && !action.not ? action.values.map((v) => v.value) : []),
    [action],
  );
  const everything = resource.shape === "list" && resource.values.length === 1 && resource.values[0]?.value === "*";
  const prefixes = useMemo(() => {
    const named = everything ? [] : prefixesOf(patterns);
    return named.length > mostServices ? [] : named;
  }, [patterns, everything]);
  const services = useServicesOf(prefixes);
  const types = useMemo(
    () =>
      services.flatMap((service) => {
        const actions = [...new Set(patterns.flatMap((p) => covered(service, p)))];
        return resourceTypesOf(service, actions).map((type): TakenType => ({
          ...type,
          service: service.prefix,
          actions: actions.filter((a) => a.resources?.some((r) => r.type === type.name)).map((a) => a.name),
        }));
      }),
    [services, patterns],
  );
  if (resource.shape === "other") {
    return <OtherPart name={m("resources")} onShowJson={() => onShowJson(resource.members[0]!.value)} />;
  }
  const values = resource.shape === "list" ? resource.values.map((v) => v.value) : [];
  const not = resource.shape === "list" && resource.not;
  const all = !not && everything;
  const change = (next: string[]) => onChange(setValues(document, index, "Resource", next));
  const choose = (mode: string) => {
    const there = resource.shape === "absent" ? read(setValues(document, index, "Resource", [])) : document;
    const named = read(setNot(there, index, "Resource", mode === "not"));
    if (mode === "all") onChange(setValues(named, index, "Resource", ["*"]));
    else onChange(all ? setValues(named, index, "Resource", []) : named.text);
  };
  const add = (arns: string[]) => {
    const next = arns.map((a) => a.trim()).filter((a) => a !== "");
    if (next.length > 0) change([...values.filter((v) => v !== "*"), ...next]);
  };
  const replace = (old: string, arn: string) => change(values.map((v) => (v === old ? arn : v)));
  // An ARN stands under the first type that it has the form of.
  const home = new Map(values.map((v) => [v, typeOf(types, v)]));
  const loose = values.filter((v) => home.get(v) === undefined);
  const missing = (type: TakenType) => !not && !values.some((v) => ofType(type.pattern, v));
  // What the actions can do without, and nobody has named, takes no line of its own.
  const hidden = types.filter((t) => !t.required && !values.some((v) => home.get(v) === t));
  const shown = types.filter((t) => !hidden.includes(t));
  return (
    <Part title={m("resources")}>
      <SpaceBetween size="s">
        <RadioGroup
          direction="horizontal"
          ariaLabel={m("resources")}
          value={all ? "all" : not ? "not" : "these"}
          onChange={({ detail }) => choose(detail.value)}
          items={[
            { value: "these", label: m("resourcesThese") },
            { value: "all", label: m("resourcesAll") },
            { value: "not", label: m("resourcesNot") },
          ]}
        />
        {!all && (
          <SpaceBetween size="s">
            {shown.map((type) => (
              <TypeOfResource
                key={`${type.service}:${type.name}`}
                type={type}
                arns={values.filter((v) => home.get(v) === type)}
                missing={missing(type)}
                onAdd={() => setBuilding({ type })}
                onEdit={(arn) => setBuilding({ type, arn })}
                onRemove={(arn) => change(values.filter((v) => v !== arn))}
              />
            ))}
            {hidden.length > 0 && (
              <SpaceBetween size="xs" direction="horizontal" alignItems="center">
                <Box color="text-body-secondary">{m("resourceAlso")}</Box>
                {hidden.map((type) => (
                  <Button
                    formAction="none"
                    key={`${type.service}:${type.name}`}
                    variant="inline-link"
                    ariaLabel={m("arnBuildFor", { type: type.name })}
                    onClick={() => setBuilding({ type })}
                  >
                    {type.name}
                  </Button>
                ))}
              </SpaceBetween>
            )}
            {loose.length > 0 && <Arns arns={loose} onRemove={(arn) => change(values.filter((v) => v !== arn))} />}
            {types.length === 0 && values.length === 0 && <Box color="text-body-secondary">{m("resourcesNone")}</Box>}
            <form
              className="policy-add"
              onSubmit={(event) => {
                event.preventDefault();
                event.stopPropagation();
                add(typed.split(/[\s,]+/));
                setTyped("");
              }}
            >
              <FormField label={m("arnAdd")} stretch>
                <Input
                  value={typed}
                  placeholder="arn:aws:…"
                  spellcheck={false}
                  autoComplete={false}
                  onChange={({ detail }) => setTyped(detail.value)}
                />
              </FormField>
              <Button formAction="submit" disabled={typed.trim() === ""}>
                {m("add")}
              </Button>
            </form>
          </SpaceBetween>
        )}
      </SpaceBetween>
      {building?.type && (
        <ArnBuilder
          type={building.type}
          arn={building.arn}
          accountId={accountId}
          onClose={() => setBuilding(undefined)}
          onDone={(arn) => {
            if (building.arn === undefined) add([arn]);
            else replace(building.arn, arn);
            setBuilding(undefined);
          }}
        />
      )}
    </Part>
  );
}

interface TypeProps {
  type: TakenType;
  arns: string[];
  missing: boolean;
  onAdd: () => void;
  onEdit: (arn: string) => void;
  onRemove: (arn: string) => void;
}

function TypeOfResource({ type, arns, missing, onAdd, onEdit, onRemove }: TypeProps) {
  const m = useMessages(words);
  const actions = type.actions.slice(0, 3).join(", ") + (type.actions.length > 3 ? ", …" : "");
  return (
    <div className="policy-type">
      <SpaceBetween size="xs" direction="horizontal" alignItems="center">
        <Box variant="strong">{m("resourceType", { service: type.service, type: type.name })}</Box>
        <Button
          formAction="none"
          variant="inline-link"
          ariaLabel={m("arnBuildFor", { type: type.name })}
          onClick={onAdd}
        >
          {m("arnBuild")}
        </Button>
        {missing && <StatusIndicator type="warning">{m("resourceMissing", { actions })}</StatusIndicator>}
      </SpaceBetween>
      {arns.length > 0 && <Arns arns={arns} onEdit={onEdit} onRemove={onRemove} />}
    </div>
  );
}

function Arns({
  arns,
  onEdit,
  onRemove,
}: {
  arns: string[];
  onEdit?: (arn: string) => void;
  onRemove: (arn: string) => void;
}) {
  const m = useMessages(words);
  return (
    <ul className="policy-arns">
      {arns.map((arn) => (
        <li key={arn}>
          <code className="policy-code">{arn}</code>
          {onEdit && arn !== "*" && (
            <Button
              formAction="none"
              variant="inline-icon"
              iconName="edit"
              ariaLabel={m("editValue", { value: arn })}
              onClick={() => onEdit(arn)}
            />
          )}
          <Button
            formAction="none"
            variant="inline-icon"
            iconName="close"
            ariaLabel={m("removeValue", { value: arn })}
            onClick={() => onRemove(arn)}
          />
        </li>
      ))}
    </ul>
  );
}
