import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useWrite, type Reading } from "@/aws";
import { CreatePolicyVersionCommand, DeletePolicyVersionCommand, useIam, type PolicyVersion } from "@/aws/iam";
import { arnName } from "@/components/arn";
import { path, useGo, useParam, useTo } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { ViewAs } from "@/components/snippet";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/policies";
import { PolicyEditor, SavePolicy } from "@/policy/editor";
import { mostVersions, usePolicy, usePolicyText, useVersions } from "./reading";

/** Edits a policy: what is saved becomes its new default version. */
export function Component() {
  const arn = useParam("arn");
  const m = useMessages(messages);
  const policy = usePolicy(arn);
  const version = policy.data?.DefaultVersionId;
  const text = usePolicyText(arn, version);
  const reading: Reading<string> =
    policy.problem && policy.data === undefined ? { ...text, problem: policy.problem, reload: policy.reload } : text;
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={m("editText")}>
          <span className="break">{m("editTitle", { name: arnName(arn) })}</span>
        </Header>
      }
    >
      <PanelState reading={reading} lines={12}>
        {(document) => <Editing arn={arn} document={document} version={version ?? ""} />}
      </PanelState>
    </ContentLayout>
  );
}

/** What one edits began as a version; another one that was made meanwhile is not overwritten in silence. */
function Editing({ arn, document, version }: { arn: string; document: string; version: string }) {
  const m = useMessages(messages);
  const iam = useIam();
  const go = useGo();
  const to = useTo();
  const [began] = useState({ document, version });
  const [text, setText] = useState(document);
  const [leaving, setLeaving] = useState<string>();
  const versions = useVersions(arn);
  const full = (versions.data?.length ?? 0) >= mostVersions;
  const old = (versions.data ?? []).filter((v) => !v.IsDefaultVersion);
  const number = (v: PolicyVersion) => Number(v.VersionId?.slice(1));
  const oldest = old.toSorted((a, b) => number(a) - number(b))[0]?.VersionId;
  const gone = full ? (leaving ?? oldest) : undefined;
  const detail = path`/iam/policies/${arn}`;

  const save = useWrite(
    async (PolicyDocument: string) => {
      if (gone) await iam.send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: gone }));
      const made = await iam.send(
        new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument, SetAsDefault: true }),
      );
      return made.PolicyVersion?.VersionId ?? "";
    },
    {
      invalidates: [
        ["iam", "policy", arn],
        ["iam", "policies"],
      ],
      done: (id) => m("saved", { name: arnName(arn), id }),
      onDone: () => go(detail),
    },
  );
  const calls = [
    ...(gone
      ? [{ service: "iam", command: "delete-policy-version", options: { "policy-arn": arn, "version-id": gone } }]
      : []),
    {
      service: "iam",
      command: "create-policy-version",
      options: { "policy-arn": arn, "policy-document": text, "set-as-default": true },
    },
  ];
  return (
    <SpaceBetween size="l">
      {version !== began.version && (
        <Alert type="warning" header={m("editedMeanwhile", { began: began.version, version })}>
          {m("editedMeanwhileText")}
        </Alert>
      )}
      <Container>
        <PolicyEditor value={text} onChange={setText} kind="identity" original={began.document} />
      </Container>
      <div className="policy-buttons">
        <Button variant="link" href={to(detail)}>
          {m("cancel")}
        </Button>
        <SavePolicy
          text={text}
          kind="identity"
          original={began.document}
          label={m("saveVersion")}
          pending={save.pending}
          problem={save.problem}
          disabled={text === began.document || versions.loading}
          onSave={save.start}
        >
          {full && <WhichGoes versions={old} value={gone} onChange={setLeaving} />}
          <ViewAs calls={calls} />
        </SavePolicy>
      </div>
    </SpaceBetween>
  );
}

/** A policy has five versions at most: asks which of them makes room. */
function WhichGoes(props: { versions: PolicyVersion[]; value: string | undefined; onChange: (id: string) => void }) {
  const m = useMessages(messages);
  return (
    <Alert type="info" header={m("versionsFull", { most: mostVersions })}>
      <FormField label={m("whichGoes")}>
        <RadioGroup
          value={props.value ?? null}
          onChange={({ detail }) => props.onChange(detail.value)}
          items={props.versions.map((v) => ({
            value: v.VersionId ?? "",
            label: v.VersionId,
            description: <Time value={v.CreateDate} />,
          }))}
        />
      </FormField>
    </Alert>
  );
}
