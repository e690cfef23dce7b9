/** Step 3: the name, what will be made, what a check finds in it, and what the other account needs. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useMemo, useState } from "react";
import { problemOf, useRead, useSession, type Problem } from "@/aws";
import { GetRoleCommand, useIam } from "@/aws/iam";
import { ArnLink } from "@/components/arn-link";
import { ErrorPanel } from "@/components/error-panel";
import { KeyValue } from "@/components/key-value";
import { ViewAs } from "@/components/snippet";
import { TagEditor } from "@/components/tag-editor";
import { readTrust, trustNeeds } from "@/components/trust";
import { TrustWords } from "@/components/trust-words";
import { useMessages } from "@/messages";
import messages from "@/messages/en/create-role";
import { FindingList, type Lint, useLint } from "@/policy/editor";
import { PolicyView } from "@/policy/view";
import { DescriptionField, SessionField } from "./fields";
import { OtherHalf } from "./other-half";
import type { Draft } from "./draft";
import { isPath, isRoleName } from "./names";
import { actsOf } from "./run";
import { trustDocument } from "./trust-document";

interface Props {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
  tried: boolean;
  goTo: (step: number) => void;
  problem: Problem | undefined;
  /** Is told whether the findings let the role be created. */
  onFindings: (found: Found) => void;
}

export interface Found {
  checking: boolean;
  /** Documents that are no JSON. */
  faults: number;
  /** Errors and warnings that were not accepted yet. */
  open: number;
}

export function ReviewStep({ draft, onChange, tried, goTo, problem, onFindings }: Props) {
  const m = useMessages(messages);
  const iam = useIam();
  const { session } = useSession();
  const text = trustDocument(draft, session.accountId);
  const arn = `arn:aws:iam::${session.accountId}:role${isPath(draft.path) ? draft.path : "/"}${draft.name || "…"}`;
  return (
    <SpaceBetween size="l">
      {problem && <ErrorPanel problem={problem} />}
      <Container header={<Header variant="h2">{m("name")}</Header>}>
        <Naming draft={draft} onChange={onChange} tried={tried} />
      </Container>
      <Container header={<Header variant="h2">{m("tags")}</Header>}>
        <TagEditor tags={draft.tags} onChange={(tags) => onChange({ tags })} />
      </Container>
      <Container
        header={
          <Header variant="h2" actions={<EditButton step={m("trustTitle")} onClick={() => goTo(0)} />}>
            {m("reviewTrust")}
          </Header>
        }
      >
        <SpaceBetween size="s">
          <TrustWords document={text} />
          <PolicyView text={text} label={m("document")} />
        </SpaceBetween>
      </Container>
      <Container
        header={
          <Header variant="h2" actions={<EditButton step={m("permissionsTitle")} onClick={() => goTo(1)} />}>
            {m("reviewPolicies")}
          </Header>
        }
      >
        <Permissions draft={draft} />
      </Container>
      <Findings draft={draft} trust={text} onFindings={onFindings} />
      <OtherHalf arn={arn} needs={trustNeeds(readTrust(text))} named={isRoleName(draft.name)} />
      <ViewAs calls={actsOf(iam, draft, session.accountId, m).map((a) => a.call)} />
    </SpaceBetween>
  );
}

function EditButton({ step, onClick }: { step: string; onClick: () => void }) {
  const m = useMessages(messages);
  return (
    <Button onClick={onClick} ariaLabel={m("editStep", { step })}>
      {m("edit")}
    </Button>
  );
}

function Naming({ draft, onChange, tried }: Pick<Props, "draft" | "onChange" | "tried">) {
  const m = useMessages(messages);
  const taken = useTaken(draft.name);
  const named = draft.name !== "" || tried;
  return (
    <SpaceBetween size="m">
      <FormField
        label={m("name")}
        constraintText={m("nameText")}
        errorText={named && !isRoleName(draft.name) ? m("nameBad") : undefined}
        warningText={taken ? m("nameTaken") : undefined}
      >
        <Input
          value={draft.name}
          autoComplete={false}
          spellcheck={false}
          onChange={({ detail }) => onChange({ name: detail.value })}
        />
      </FormField>
      <FormField
        label={m("path")}
        constraintText={m("pathText")}
        errorText={isPath(draft.path) ? undefined : m("pathBad")}
        warningText={draft.path.length - 1 + draft.name.length > 64 ? m("pathLong") : undefined}
      >
        <Input value={draft.path} spellcheck={false} onChange={({ detail }) => onChange({ path: detail.value })} />
      </FormField>
      <DescriptionField value={draft.description} onChange={(description) => onChange({ description })} />
      <SessionField value={draft.maxSession} onChange={(maxSession) => onChange({ maxSession })} />
    </SpaceBetween>
  );
}

/** Whether a role of that name is known to be there. Who may not ask finds out when creating it. */
function useTaken(name: string): boolean {
  const iam = useIam();
  const [settled, setSettled] = useState(name);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(name), 300);
    return () => clearTimeout(timer);
  }, [name]);
  const found = useRead(
    ["iam", "role", settled, "there"],
    async () => {
      try {
        await iam.send(new GetRoleCommand({ RoleName: settled }));
        return true;
      } catch (error) {
        if (problemOf(error).kind === "notFound" || problemOf(error).kind === "denied") return false;
        throw error;
      }
    },
    { enabled: isRoleName(settled) },
  );
  return settled === name && found.data === true;
}

function Permissions({ draft }: { draft: Draft }) {
  const m = useMessages(messages);
  return (
    <SpaceBetween size="m">
      <KeyValue
        columns={2}
        pairs={[
          {
            label: m("managed"),
            value:
              draft.policies.length === 0 && draft.inline.length === 0
                ? m("reviewNoPolicies")
                : draft.policies.map((arn) => (
                    <div key={arn}>
                      <ArnLink arn={arn} short />
                    </div>
                  )),
          },
          {
            label: m("reviewBoundary"),
            value: draft.boundary === "" ? m("reviewNoBoundary") : <ArnLink arn={draft.boundary} short />,
          },
        ]}
      />
      {draft.inline.map((policy) => (
        <div key={policy.name}>
          <Box variant="h3">{policy.name}</Box>
          <PolicyView text={policy.document} label={policy.name} />
        </div>
      ))}
    </SpaceBetween>
  );
}

/** What is no JSON keeps the role from being created; what else was found asks: IAM saves some of what is wrong. */
function Findings({ draft, trust, onFindings }: { draft: Draft; trust: string; onFindings: (found: Found) => void }) {
  const m = useMessages(messages);
  const [lints, setLints] = useState<Record<string, Lint>>({});
  const [accepted, setAccepted] = useState(false);
  const documents = useMemo(
    () => [
      { id: "trust", title: m("findingsTrust"), kind: "trust" as const, text: trust },
      ...draft.inline.map((p) => ({
        id: `inline ${p.name}`,
        title: m("findingsInline", { name: p.name }),
        kind: "identity" as const,
        text: p.document,
      })),
    ],
    [m, trust, draft.inline],
  );
  const all = documents.map((d) => lints[d.id]);
  const checking = all.some((l) => l === undefined || l.checking);
  const faults = all.filter((l) => l?.fault).length;
  const errors = all.reduce((sum, l) => sum + (l?.errors ?? 0), 0) - faults;
  const warnings = all.reduce((sum, l) => sum + (l?.warnings ?? 0) + (l?.problem && !l.fault ? 1 : 0), 0);
  const open = accepted ? 0 : errors + warnings;
  useEffect(() => onFindings({ checking, faults, open }), [checking, faults, open, onFindings]);
  return (
    <Container header={<Header variant="h2">{m("findings")}</Header>}>
      <SpaceBetween size="m">
        {documents.map((d) => (
          <div key={d.id}>
            <Box variant="h3">{d.title}</Box>
            <Checked
              text={d.text}
              kind={d.kind}
              onLint={(lint) => setLints((old) => (old[d.id] === lint ? old : { ...old, [d.id]: lint }))}
            />
          </div>
        ))}
        {faults > 0 && <Alert type="error">{m("faults")}</Alert>}
        {faults === 0 && errors + warnings > 0 && (
          <Alert type={errors > 0 ? "error" : "warning"}>
            <SpaceBetween size="xs">
              {m("doubts", { errors, warnings, both: errors > 0 && warnings > 0 ? "yes" : "no" })}
              <Checkbox checked={accepted} onChange={({ detail }) => setAccepted(detail.checked)}>
                {m("accept")}
              </Checkbox>
            </SpaceBetween>
          </Alert>
        )}
      </SpaceBetween>
    </Container>
  );
}

function Checked({ text, kind, onLint }: { text: string; kind: "trust" | "identity"; onLint: (lint: Lint) => void }) {
  const lint = useLint(text, kind);
  // Its owner makes onLint anew at each rendering; what counts is a new lint.
  // oxlint-disable-next-line react/exhaustive-deps
  useEffect(() => onLint(lint), [lint]);
  return <FindingList text={text} lint={lint} />;
}
