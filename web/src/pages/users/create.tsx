import Alert from "@cloudscape-design/components/alert";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import Wizard from "@cloudscape-design/components/wizard";
import { useState } from "react";
import { useWrite } from "@/aws";
import { useIam } from "@/aws/iam";
import { arnName } from "@/components/arn";
import type { Step } from "@/components/confirm-delete";
import { ErrorPanel } from "@/components/error-panel";
import { KeyValue } from "@/components/key-value";
import { useGo } from "@/components/links";
import { drawPassword, usePasswordPolicy } from "@/components/password";
import { PolicyPicker } from "@/components/permissions/policy-picker";
import { ViewAs } from "@/components/snippet";
import { TagEditor, tagsAreValid } from "@/components/tag-editor";
import { stateAt, StepList } from "@/components/step-list";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/users";
import { CopyFrom } from "./copy-from";
import { createSteps, isPath, namesFault, namesIn, type Wanted } from "./create-steps";
import { Created } from "./created";
import { GroupPicker } from "./group-picker";

const nothing: Wanted = {
  names: [],
  path: "/",
  console: true,
  force: true,
  groups: [],
  policies: [],
  boundary: undefined,
  tags: [],
};

/** Makes users: who they are, what they may, all of it once more; then their passwords, once. */
export function Component() {
  const m = useMessages(messages);
  const iam = useIam();
  const go = useGo();
  const policy = usePasswordPolicy();
  const [step, setStep] = useState(0);
  const [tried, setTried] = useState(false);
  const [text, setText] = useState("");
  const [wanted, setWanted] = useState(nothing);
  const [passwords, setPasswords] = useState(() => new Map<string, string>());
  // Steps that were done: what is wanted stays as it is from the first of them on.
  const [done, setDone] = useState(0);
  const [finished, setFinished] = useState(false);
  const change = (part: Partial<Wanted>) => setWanted((old) => ({ ...old, ...part }));

  const create = useWrite<void, void>(
    async () => {
      const drawn = done > 0 ? passwords : new Map(wanted.names.map((name) => [name, drawPassword(policy.data)]));
      setPasswords(drawn);
      for (const [i, { run }] of createSteps(iam, wanted, drawn, m).entries()) {
        if (i < done) continue;
        await run();
        setDone(i + 1);
      }
    },
    { invalidates: [["iam"]], onDone: () => setFinished(true) },
  );
  if (finished) return <Created wanted={wanted} passwords={passwords} />;

  const steps = createSteps(iam, wanted, passwords, m);
  const fault = namesFault(wanted.names);
  const whoWrong = fault !== undefined || !isPath(wanted.path) || !tagsAreValid(wanted.tags);
  const begun = done > 0 || create.pending;
  const leave = (to: number) => {
    if (begun) return;
    if (to > step && whoWrong) return setTried(true);
    setTried(false);
    setStep(to);
  };
  const namesWrong = () => {
    if (!tried || fault === undefined) return undefined;
    if (fault.kind === "missing") return m("namesMissing");
    if (fault.kind === "many") return m("namesMany");
    const { name } = fault;
    return fault.kind === "wrong" ? m("namesWrong", { name }) : m("namesTwice", { name });
  };
  return (
    <Wizard
      activeStepIndex={step}
      isLoadingNextStep={create.pending}
      onNavigate={({ detail }) => leave(detail.requestedStepIndex)}
      onCancel={() => go("/iam/users")}
      onSubmit={() => {
        if (!whoWrong && !create.pending) create.start();
      }}
      i18nStrings={{
        stepNumberLabel: (number) => m("stepNumber", { number }),
        collapsedStepsLabel: (number, count) => m("stepOf", { number, count }),
        navigationAriaLabel: m("createSteps"),
        cancelButton: m("cancel"),
        previousButton: m("previous"),
        nextButton: m("next"),
        submitButton: done > 0 ? m("finish") : m("createAct"),
      }}
      steps={[
        {
          title: m("stepWho"),
          content: (
            <Container header={<Header variant="h2">{m("stepWho")}</Header>}>
              <SpaceBetween size="l">
                <FormField
                  label={m("names")}
                  description={m("namesText")}
                  constraintText={m("namesHelp")}
                  errorText={namesWrong()}
                >
                  <Textarea
                    value={text}
                    rows={3}
                    spellcheck={false}
                    placeholder="alice"
                    onChange={({ detail }) => {
                      setText(detail.value);
                      change({ names: namesIn(detail.value) });
                    }}
                  />
                </FormField>
                <SpaceBetween size="xs">
                  <Checkbox
                    checked={wanted.console}
                    description={m("consoleGiveText")}
                    onChange={({ detail }) => change({ console: detail.checked })}
                  >
                    {m("consoleGive")}
                  </Checkbox>
                  {wanted.console && (
                    <>
                      <div>{m("consolePolicyText")}</div>
                      <Checkbox
                        checked={wanted.force}
                        description={m("passwordForceText")}
                        onChange={({ detail }) => change({ force: detail.checked })}
                      >
                        {m("passwordForce")}
                      </Checkbox>
                    </>
                  )}
                </SpaceBetween>
                <FormField
                  label={m("pathLabel")}
                  constraintText={m("pathHelp")}
                  errorText={isPath(wanted.path) ? undefined : m("pathWrong")}
                >
                  <Input
                    value={wanted.path}
                    spellcheck={false}
                    autoComplete={false}
                    onChange={({ detail }) => change({ path: detail.value })}
                  />
                </FormField>
                <FormField label={m("tabTags")} stretch>
                  <TagEditor tags={wanted.tags} onChange={(tags) => change({ tags })} />
                </FormField>
              </SpaceBetween>
            </Container>
          ),
        },
        { title: m("stepMay"), content: <May wanted={wanted} change={change} /> },
        {
          title: m("stepReview"),
          content: begun ? (
            <SpaceBetween size="l">
              {create.problem && <ErrorPanel problem={create.problem} />}
              <Progress steps={steps} done={done} running={create.pending} />
            </SpaceBetween>
          ) : (
            <SpaceBetween size="l">
              {create.problem && <ErrorPanel problem={create.problem} />}
              <Review wanted={wanted} />
              <ViewAs calls={steps.flatMap((s) => s.call ?? [])} />
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}

interface MayProps {
  wanted: Wanted;
  change: (part: Partial<Wanted>) => void;
}

function May({ wanted, change }: MayProps) {
  const m = useMessages(messages);
  const { boundary } = wanted;
  // What was copied shows in the pickers, one of which keeps what was typed.
  const [copies, setCopies] = useState(0);
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" description={m("copyFromText")}>
            {m("copyFrom")}
          </Header>
        }
      >
        <CopyFrom
          onCopied={(copied) => {
            change(copied);
            setCopies(copies + 1);
          }}
        />
      </Container>
      <Container header={<Header variant="h2">{m("groupsTitle")}</Header>}>
        <GroupPicker
          key={copies}
          label={m("mayGroups")}
          description={m("mayGroupsText")}
          chosen={wanted.groups}
          onChange={(groups) => change({ groups })}
        />
      </Container>
      <Container
        header={
          <Header variant="h2" description={m("mayPoliciesText")}>
            {m("mayPolicies")}
          </Header>
        }
      >
        <PolicyPicker chosen={wanted.policies} onChange={(policies) => change({ policies })} />
      </Container>
      <Container
        header={
          <Header variant="h2" description={m("mayBoundaryText")}>
            {m("mayBoundary")}
          </Header>
        }
      >
        <PolicyPicker
          single
          title={m("mayBoundary")}
          chosen={boundary === undefined ? [] : [boundary]}
          onChange={([arn]) => change({ boundary: arn })}
        />
      </Container>
    </SpaceBetween>
  );
}

function Review({ wanted }: { wanted: Wanted }) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const list = (values: string[]) => values.join(", ") || m("reviewNone");
  return (
    <Container header={<Header variant="h2">{m("stepReview")}</Header>}>
      <KeyValue
        pairs={[
          { label: m("names"), value: list(wanted.names) },
          { label: m("path"), value: wanted.path },
          { label: m("consoleAccess"), value: c(wanted.console ? "yes" : "no") },
          { label: m("groupsTitle"), value: list(wanted.groups) },
          { label: m("mayPolicies"), value: list(wanted.policies.map(arnName)) },
          { label: m("mayBoundary"), value: wanted.boundary ? arnName(wanted.boundary) : m("reviewNone") },
          { label: m("tabTags"), value: list(wanted.tags.map((t) => `${t.Key} = ${t.Value}`)) },
        ]}
      />
    </Container>
  );
}

function Progress({ steps, done, running }: { steps: Step[]; done: number; running: boolean }) {
  const m = useMessages(messages);
  return (
    <Container header={<Header variant="h2">{running ? m("createAct") : m("createPart")}</Header>}>
      <SpaceBetween size="m">
        {!running && <Alert type="warning">{m("createPartText")}</Alert>}
        <StepList steps={steps.map((step, i) => ({ text: step.text, state: stateAt(i, done, running) }))} />
      </SpaceBetween>
    </Container>
  );
}
