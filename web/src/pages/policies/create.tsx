import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import Wizard from "@cloudscape-design/components/wizard";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { useWrite } from "@/aws";
import { CreatePolicyCommand, useIam } from "@/aws/iam";
import { ErrorPanel } from "@/components/error-panel";
import { KeyValue } from "@/components/key-value";
import { path, useGo } from "@/components/links";
import { Loading, PanelState } from "@/components/panel-state";
import { ViewAs } from "@/components/snippet";
import { TagEditor, tagsAreValid, tagWord, type Tag } from "@/components/tag-editor";
import { useMessages } from "@/messages";
import messages from "@/messages/en/policies";
import { Doubts, isDoubtful, newDocument, newStatement, PolicyEditor, quotas, size, useLint } from "@/policy/editor";
import { PolicySummary, PolicyView } from "@/policy/view";
import { isManagedByAws, usePolicy, usePolicyText } from "./reading";

/** Makes a policy: what it says, then how it is called, then all of it once more. */
export function Component() {
  const [search] = useSearchParams();
  const from = search.get("from") ?? "";
  return from === "" ? <Create /> : <CreateFrom arn={from} />;
}

/** Begins with the document of another policy. */
function CreateFrom({ arn }: { arn: string }) {
  const policy = usePolicy(arn);
  const text = usePolicyText(arn, policy.data?.DefaultVersionId);
  if (policy.problem) return <ErrorPanel problem={policy.problem} retry={policy.reload} />;
  if (!policy.data) return <Loading lines={12} />;
  const name = isManagedByAws(arn) ? `${policy.data.PolicyName ?? ""}Copy` : `${policy.data.PolicyName ?? ""}-copy`;
  return (
    <PanelState reading={text} lines={12}>
      {(document) => <Create document={document} suggestion={name} />}
    </PanelState>
  );
}

/** What CreatePolicy takes as a name and a path (IA-3). */
const nameForm = /^[\w+=,.@-]{1,128}$/;
const pathForm = /^(\/[A-Za-z0-9.,+@=_-]+)*\/$/;

function Create({ document, suggestion = "" }: { document?: string; suggestion?: string }) {
  const m = useMessages(messages);
  const iam = useIam();
  const go = useGo();
  const [step, setStep] = useState(0);
  const [text, setText] = useState(() => document ?? newDocument(newStatement("identity")));
  const [name, setName] = useState(suggestion);
  const [description, setDescription] = useState("");
  const [policyPath, setPath] = useState("/");
  const [tags, setTags] = useState<Tag[]>([]);
  const [tried, setTried] = useState(false);
  const [goal, setGoal] = useState<number>();
  const [acceptedText, setAcceptedText] = useState<string>();
  const lint = useLint(text, "identity");

  const over = size("identity", text) > quotas.identity;
  const refused = lint.fault !== undefined;
  const doubtful = isDoubtful(lint, over);
  const nameWrong = nameForm.test(name) ? undefined : name === "" ? m("nameMissing") : m("nameWrong");
  const pathWrong = policyPath.length <= 512 && pathForm.test(policyPath) ? undefined : m("pathWrong");
  const detailsWrong = nameWrong !== undefined || pathWrong !== undefined || !tagsAreValid(tags);

  const accepted = acceptedText === text;
  if (goal !== undefined && !lint.checking) {
    // Findings about the text decide whether there is a next step.
    setGoal(undefined);
    if (refused) setTried(true);
    else setStep(goal);
  }

  const input = {
    PolicyName: name,
    PolicyDocument: text,
    Path: policyPath,
    Description: description || undefined,
    Tags: tags.length > 0 ? tags : undefined,
  };
  const create = useWrite(() => iam.send(new CreatePolicyCommand(input)), {
    invalidates: [["iam", "policies"]],
    done: () => m("policyCreated", { name }),
    onDone: (answer) => go(path`/iam/policies/${answer.Policy?.Arn ?? ""}`),
  });
  const calls = [
    {
      service: "iam",
      command: "create-policy",
      options: {
        "policy-name": name,
        path: policyPath === "/" ? undefined : policyPath,
        description: input.Description,
        "policy-document": text,
        tags: tags.length > 0 ? tags.map(tagWord) : undefined,
      },
    },
  ];

  const leave = (to: number) => {
    setTried(false);
    if (to < step) return setStep(to);
    if (step === 0) return setGoal(to);
    if (detailsWrong) return setTried(true);
    setStep(to);
  };
  return (
    <Wizard
      activeStepIndex={step}
      isLoadingNextStep={goal !== undefined || create.pending}
      onNavigate={({ detail }) => leave(detail.requestedStepIndex)}
      onCancel={() => go("/iam/policies")}
      onSubmit={() => {
        setTried(true);
        if (!refused && !detailsWrong && (!doubtful || accepted)) create.start(undefined);
      }}
      i18nStrings={{
        stepNumberLabel: (number) => m("stepNumber", { number }),
        collapsedStepsLabel: (number, count) => m("stepOf", { number, count }),
        navigationAriaLabel: m("steps"),
        cancelButton: m("cancel"),
        previousButton: m("previous"),
        nextButton: m("next"),
        submitButton: m("create"),
      }}
      steps={[
        {
          title: m("stepPermissions"),
          description: m("stepPermissionsText"),
          errorText: tried && step === 0 && refused ? m("faultFirst") : undefined,
          content: (
            <Container>
              <PolicyEditor value={text} onChange={setText} kind="identity" />
            </Container>
          ),
        },
        {
          title: m("stepDetails"),
          content: (
            <Container header={<Header variant="h2">{m("stepDetails")}</Header>}>
              <SpaceBetween size="l">
                <FormField label={m("name")} constraintText={m("nameHelp")} errorText={tried ? nameWrong : undefined}>
                  <Input
                    value={name}
                    spellcheck={false}
                    autoComplete={false}
                    onChange={({ detail }) => setName(detail.value)}
                  />
                </FormField>
                <FormField label={m("descriptionOptional")} constraintText={m("descriptionHelp")}>
                  <Textarea value={description} rows={2} onChange={({ detail }) => setDescription(detail.value)} />
                </FormField>
                <FormField label={m("path")} constraintText={m("pathHelp")} errorText={tried ? pathWrong : undefined}>
                  <Input
                    value={policyPath}
                    spellcheck={false}
                    autoComplete={false}
                    onChange={({ detail }) => setPath(detail.value)}
                  />
                </FormField>
                <div>
                  <Box variant="awsui-key-label">{m("tabTags")}</Box>
                  <TagEditor tags={tags} onChange={setTags} />
                </div>
              </SpaceBetween>
            </Container>
          ),
        },
        {
          title: m("stepReview"),
          content: (
            <SpaceBetween size="l">
              <Container header={<Header variant="h2">{m("stepDetails")}</Header>}>
                <KeyValue
                  pairs={[
                    { label: m("name"), value: name },
                    { label: m("path"), value: policyPath },
                    { label: m("descriptionLabel"), value: description },
                    { label: m("tabTags"), value: tags.map((t) => `${t.Key} = ${t.Value}`).join(", ") },
                  ]}
                />
              </Container>
              <Container header={<Header variant="h2">{m("tabSummary")}</Header>}>
                <PolicySummary text={text} />
              </Container>
              <Container header={<Header variant="h2">{m("tabJson")}</Header>}>
                <PolicyView text={text} />
              </Container>
              {doubtful && (
                <Doubts
                  text={text}
                  lint={lint}
                  over={over}
                  label={m("accept")}
                  accepted={accepted}
                  onAccept={(yes) => setAcceptedText(yes ? text : undefined)}
                  errorText={tried && !accepted ? m("acceptMissing") : undefined}
                />
              )}
              <ViewAs calls={calls} />
              {create.problem && <ErrorPanel problem={create.problem} />}
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}
