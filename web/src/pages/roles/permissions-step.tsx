/** Step 2: what the role may do. */
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { isPolicyName } from "@/components/permissions/entity";
import { PolicyPicker } from "@/components/permissions/policy-picker";
import { useMessages } from "@/messages";
import messages from "@/messages/en/create-role";
import { PolicyEditor, size } from "@/policy/editor";
import { useAssumeRoleTemplate } from "@/policy/templates";
import type { Draft, InlinePolicy } from "./draft";

interface Props {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
  tried: boolean;
}

const emptyPolicy = '{\n  "Version": "2012-10-17",\n  "Statement": []\n}';

/** What the inline policies of a role may have together (PL-90). */
const inlineQuota = 10240;

export function PermissionsStep({ draft, onChange, tried }: Props) {
  const m = useMessages(messages);
  return (
    <SpaceBetween size="l">
      <Container>
        <PolicyPicker
          chosen={draft.policies}
          onChange={(policies) => onChange({ policies })}
          title={m("managed")}
          heading="h2"
        />
      </Container>
      <InlineSection draft={draft} onChange={onChange} tried={tried} />
      <Boundary draft={draft} onChange={onChange} />
    </SpaceBetween>
  );
}

/** The first policy whose name will not do. */
export function inlineFault(policies: InlinePolicy[], index: number): "inlineNameBad" | "inlineNameTaken" | undefined {
  const name = policies[index]?.name ?? "";
  if (!isPolicyName(name)) return "inlineNameBad";
  return policies.some((p, i) => i < index && p.name === name) ? "inlineNameTaken" : undefined;
}

export const permissionsAreDone = (draft: Draft) =>
  draft.inline.every((_, i) => inlineFault(draft.inline, i) === undefined);

function InlineSection({ draft, onChange, tried }: Props) {
  const m = useMessages(messages);
  const assume = useAssumeRoleTemplate();
  const [open, setOpen] = useState<number>();
  const { inline } = draft;
  const change = (index: number, part: Partial<InlinePolicy>) =>
    onChange({ inline: inline.map((p, i) => (i === index ? { ...p, ...part } : p)) });
  const used = (index: number) =>
    inline.reduce((sum, p, i) => (i === index ? sum : sum + size("identity", p.document)), 0);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={m("inlineText")}
          counter={inline.length > 0 ? `(${inline.length})` : undefined}
          actions={
            <Button
              onClick={() => {
                setOpen(inline.length);
                onChange({ inline: [...inline, { name: "", document: emptyPolicy }] });
              }}
            >
              {m("inlineAdd")}
            </Button>
          }
        >
          {m("inline")}
        </Header>
      }
    >
      <SpaceBetween size="s">
        {inline.length === 0 && m("inlineNone")}
        {inline.map((policy, i) => {
          const fault = policy.name !== "" || tried ? inlineFault(inline, i) : undefined;
          return (
            <ExpandableSection
              key={i}
              variant="container"
              headerText={policy.name || m("inlineNew")}
              headingTagOverride="h3"
              expanded={open === i || (tried && fault !== undefined)}
              onChange={({ detail }) => setOpen(detail.expanded ? i : undefined)}
              headerActions={
                <Button
                  onClick={() => {
                    setOpen(undefined);
                    onChange({ inline: inline.filter((_, at) => at !== i) });
                  }}
                >
                  {m("inlineRemove")}
                </Button>
              }
            >
              <SpaceBetween size="m">
                <FormField label={m("inlineName")} errorText={fault && m(fault)}>
                  <Input
                    value={policy.name}
                    spellcheck={false}
                    onChange={({ detail }) => change(i, { name: detail.value })}
                  />
                </FormField>
                {(open === i || (tried && fault !== undefined)) && (
                  <PolicyEditor
                    value={policy.document}
                    onChange={(document) => change(i, { document })}
                    kind="identity"
                    templates={[assume]}
                    limit={inlineQuota}
                    used={used(i)}
                  />
                )}
              </SpaceBetween>
            </ExpandableSection>
          );
        })}
      </SpaceBetween>
    </Container>
  );
}

function Boundary({ draft, onChange }: Pick<Props, "draft" | "onChange">) {
  const m = useMessages(messages);
  const [wanted, setWanted] = useState(draft.boundary !== "");
  return (
    <Container header={<Header variant="h2">{m("boundary")}</Header>}>
      <SpaceBetween size="m">
        <Checkbox
          checked={wanted}
          onChange={({ detail }) => {
            setWanted(detail.checked);
            if (!detail.checked) onChange({ boundary: "" });
          }}
        >
          {m("boundaryUse")}
        </Checkbox>
        {wanted && (
          <PolicyPicker
            single
            title={m("boundary")}
            chosen={draft.boundary === "" ? [] : [draft.boundary]}
            onChange={([arn]) => onChange({ boundary: arn ?? "" })}
          />
        )}
      </SpaceBetween>
    </Container>
  );
}
