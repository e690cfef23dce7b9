import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import { read, textOf } from "../model/document";
import { parseOperator } from "../model/keys";
import { addCondition, removeCondition } from "../model/statement";
import { ConditionWords } from "../view/policy-summary";
import { ConditionForm, type ConditionValue } from "./condition-form";
import { OtherPart } from "./other-part";
import { Part } from "./part";
import type { PartProps } from "./statement-card";

/** When a statement counts. */
export function Conditions({ document, statement, onChange, onShowJson }: PartProps) {
  const m = useMessages(words);
  const { index, action, condition } = statement;
  const [editing, setEditing] = useState<number | "new">();
  const patterns = useMemo(() => (action.shape === "list" ? action.values.map((v) => v.value) : []), [action]);
  if (condition.shape === "other") {
    return <OtherPart name={m("conditions")} onShowJson={() => onShowJson(condition.members[0]!.value)} />;
  }
  const rows = condition.shape === "conditions" ? condition.rows : [];
  const valueOf = (row: number): ConditionValue | undefined => {
    const r = rows[row];
    return r && { operator: r.operator.key.value, key: r.key.key.value, values: r.values.map(textOf) };
  };
  const done = (value: ConditionValue) => {
    const without = typeof editing === "number" ? read(removeCondition(document, index, editing)) : document;
    onChange(addCondition(without, index, value.operator, value.key, value.values));
    setEditing(undefined);
  };
  return (
    <Part title={m("conditions")} description={rows.length > 1 ? m("conditionsAll") : undefined}>
      <SpaceBetween size="s">
        {rows.length > 0 ? (
          <ul className="policy-arns">
            {rows.map((r, row) => {
              const value = valueOf(row)!;
              const about = `${value.operator} ${value.key}`;
              return (
                <li key={row}>
                  <span>
                    <ConditionWords
                      condition={{ operator: parseOperator(value.operator), key: value.key, values: value.values }}
                    />
                  </span>
                  {/* A form has a line for each value, so one with line breaks in it is JSON's to show. */}
                  {r.values.some((v) => textOf(v).includes("\n")) ? (
                    <Button
                      formAction="none"
                      variant="inline-link"
                      onClick={() => onShowJson({ from: r.key.key.from, to: r.key.value.to })}
                    >
                      {m("visualEdit")}
                    </Button>
                  ) : (
                    <Button
                      formAction="none"
                      variant="inline-icon"
                      iconName="edit"
                      ariaLabel={m("editValue", { value: about })}
                      onClick={() => setEditing(row)}
                    />
                  )}
                  <Button
                    formAction="none"
                    variant="inline-icon"
                    iconName="close"
                    ariaLabel={m("removeValue", { value: about })}
                    onClick={() => onChange(removeCondition(document, index, row))}
                  />
                </li>
              );
            })}
          </ul>
        ) : (
          <Box color="text-body-secondary">{m("conditionsNone")}</Box>
        )}
        <Button formAction="none" iconName="add-plus" onClick={() => setEditing("new")}>
          {m("conditionAdd")}
        </Button>
      </SpaceBetween>
      {editing !== undefined && (
        <ConditionForm
          patterns={patterns}
          value={typeof editing === "number" ? valueOf(editing) : undefined}
          onDone={done}
          onClose={() => setEditing(undefined)}
        />
      )}
    </Part>
  );
}
