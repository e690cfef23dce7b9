import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import { prefixesOf } from "../catalog";
import {
  hasPrincipal,
  hasResource,
  type Effect,
  type PolicyDocument,
  type PolicyKind,
  type Statement,
} from "../model/document";
import type { Finding, Span } from "../model/findings";
import { setEffect, setSid } from "../model/statement";
import { Actions } from "./actions";
import { Conditions } from "./conditions";
import { OtherPart } from "./other-part";
import { Principals } from "./principals";
import { Resources } from "./resources";

/** What the parts of a statement are given. */
export interface PartProps {
  document: PolicyDocument;
  statement: Statement;
  kind: PolicyKind;
  accountId: string;
  onChange: (text: string) => void;
  onShowJson: (span: Span) => void;
}

interface Props extends PartProps {
  findings: readonly Finding[];
  open: boolean;
  onToggle: (open: boolean) => void;
  onAct: (act: "copy" | "up" | "down" | "remove" | "json") => void;
}

/** One statement as a form. */
export function StatementCard({ findings, open, onToggle, onAct, ...part }: Props) {
  const { document, statement, kind, onChange, onShowJson } = part;
  const m = useMessages(words);
  const { index, sid, effect } = statement;
  const count = document.statements.length;
  const errors = findings.filter((f) => f.severity === "error").length;
  return (
    <ExpandableSection
      variant="container"
      headerText={<Title statement={statement} />}
      headerDescription={
        findings.length > 0
          ? m("statementCounts", {
              errors,
              others: findings.length - errors,
              both: errors > 0 && findings.length > errors ? "yes" : "no",
            })
          : undefined
      }
      headingTagOverride="h2"
      expanded={open}
      onChange={({ detail }) => onToggle(detail.expanded)}
      headerActions={
        <ButtonDropdown
          variant="icon"
          ariaLabel={m("statementActions", { number: index + 1 })}
          expandToViewport
          items={[
            { id: "copy", text: m("statementCopy"), iconName: "copy" },
            { id: "up", text: m("statementUp"), iconName: "arrow-up", disabled: index === 0 },
            { id: "down", text: m("statementDown"), iconName: "arrow-down", disabled: index === count - 1 },
            { id: "json", text: m("visualEdit"), iconName: "script" },
            { id: "remove", text: m("statementRemove"), iconName: "remove" },
          ]}
          onItemClick={({ detail }) => onAct(detail.id as "copy")}
        />
      }
    >
      {open && (
        <SpaceBetween size="l">
          <ColumnLayout columns={2}>
            {effect.shape === "other" ? (
              <OtherPart name={m("effect")} onShowJson={() => onShowJson(effect.members[0]!.value)} />
            ) : (
              <FormField label={m("effect")}>
                <RadioGroup
                  direction="horizontal"
                  value={effect.shape === "text" ? effect.node.value : null}
                  onChange={({ detail }) => onChange(setEffect(document, index, detail.value as Effect))}
                  items={[
                    { value: "Allow", label: m("allow") },
                    { value: "Deny", label: m("deny") },
                  ]}
                />
              </FormField>
            )}
            {sid.shape === "other" ? (
              <OtherPart name={m("sid")} onShowJson={() => onShowJson(sid.members[0]!.value)} />
            ) : (
              <FormField label={m("sidOptional")} constraintText={m("sidHelp")}>
                <Input
                  value={sid.shape === "text" ? sid.node.value : ""}
                  spellcheck={false}
                  autoComplete={false}
                  onChange={({ detail }) => onChange(setSid(document, index, detail.value))}
                />
              </FormField>
            )}
          </ColumnLayout>
          {(hasPrincipal(kind) || statement.principal.shape !== "absent") && <Principals {...part} />}
          <Actions {...part} />
          {(hasResource(kind) || statement.resource.shape !== "absent") && <Resources {...part} />}
          <Conditions {...part} />
          {statement.unknown.map((member) => (
            <OtherPart
              key={member.key.value}
              name={member.key.value}
              onShowJson={() => onShowJson({ from: member.key.from, to: member.value.to })}
            />
          ))}
        </SpaceBetween>
      )}
    </ExpandableSection>
  );
}

/** Says of a statement what it is about: "1. Allow s3, iam". */
function Title({ statement: s }: { statement: Statement }) {
  const m = useMessages(words);
  const number = s.index + 1;
  const effect = s.effect.shape === "text" ? m(s.effect.node.value === "Deny" ? "deny" : "allow") : m("noEffect");
  const values = s.action.shape === "list" ? s.action.values.map((v) => v.value) : [];
  const services = values.some((v) => v === "*") ? [m("everyService")] : prefixesOf(values);
  const few = services.slice(0, 4).join(", ") + (services.length > 4 ? ", …" : "");
  const sid = s.sid.shape === "text" ? s.sid.node.value : "";
  const title = sid === "" ? m("statementTitle", { number }) : m("statementNamed", { number, sid });
  return (
    <>
      {services.length === 0
        ? m("statementHead", { title, effect })
        : m("statementHeadOf", { title, effect, services: few })}
    </>
  );
}
