/** Create group: its name, who is in it, what they may do. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useWrite } from "@/aws";
import { useIam } from "@/aws/iam";
import type { Step } from "@/components/confirm-delete";
import { ErrorPanel } from "@/components/error-panel";
import { path as pathOf, useGo, useTo } from "@/components/links";
import { PolicyPicker } from "@/components/permissions/policy-picker";
import { ViewAs } from "@/components/snippet";
import { stateAt, StepList } from "@/components/step-list";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/groups";
import { createSteps, type Wanted } from "./create-steps";
import { isGroupName } from "./data";
import { UserPicker } from "./user-picker";

const isPath = (path: string) => path.length <= 512 && (path === "/" || /^\/[\x21-\x7e]+\/$/.test(path));

export function Component() {
  const m = useMessages(messages);
  const c = useMessages(common);
  const iam = useIam();
  const go = useGo();
  const to = useTo();
  const [wanted, setWanted] = useState<Wanted>({ name: "", path: "/", users: [], policies: [] });
  const [tried, setTried] = useState(false);
  // Steps that were done: what is wanted stays as it is from the first of them on.
  const [done, setDone] = useState(0);
  const { name, path } = wanted;
  const steps = createSteps(iam, wanted, m);

  const create = useWrite(
    async () => {
      for (const [i, step] of steps.entries()) {
        if (i < done) continue;
        await step.run();
        setDone(i + 1);
      }
    },
    { invalidates: [["iam"]], done: () => m("made", { name }), onDone: () => go(pathOf`/iam/groups/${name}`) },
  );
  const begun = done > 0 || create.pending;

  return (
    <ContentLayout header={<Header variant="h1">{m("create")}</Header>}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (isGroupName(name) && isPath(path)) create.start(undefined);
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                variant="link"
                formAction="none"
                href={to(done > 0 ? pathOf`/iam/groups/${name}` : "/iam/groups")}
              >
                {done > 0 ? m("keep") : c("cancel")}
              </Button>
              <Button variant="primary" loading={create.pending}>
                {m(done > 0 ? "finish" : "create")}
              </Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="l">
            {create.problem && <ErrorPanel problem={create.problem} />}
            {begun ? (
              <Progress steps={steps} done={done} running={create.pending} />
            ) : (
              <Fields wanted={wanted} onChange={(part) => setWanted((old) => ({ ...old, ...part }))} tried={tried} />
            )}
            <ViewAs calls={steps.slice(done).flatMap((s) => s.call ?? [])} />
          </SpaceBetween>
        </Form>
      </form>
    </ContentLayout>
  );
}

interface FieldsProps {
  wanted: Wanted;
  onChange: (part: Partial<Wanted>) => void;
  tried: boolean;
}

function Fields({ wanted, onChange, tried }: FieldsProps) {
  const m = useMessages(messages);
  const { name, path } = wanted;
  return (
    <SpaceBetween size="l">
      <Container>
        <SpaceBetween size="m">
          <FormField
            label={m("name")}
            constraintText={m("nameText")}
            errorText={(name !== "" || tried) && !isGroupName(name) ? m("nameBad") : undefined}
          >
            <Input
              value={name}
              autoComplete={false}
              spellcheck={false}
              onChange={({ detail }) => onChange({ name: detail.value })}
            />
          </FormField>
          <FormField
            label={m("path")}
            constraintText={m("pathText")}
            errorText={isPath(path) ? undefined : m("pathBad")}
          >
            <Input value={path} spellcheck={false} onChange={({ detail }) => onChange({ path: detail.value })} />
          </FormField>
        </SpaceBetween>
      </Container>
      <Container
        header={
          <Header variant="h2" description={m("createUsersText")}>
            {m("createUsers")}
          </Header>
        }
      >
        <UserPicker chosen={wanted.users} onChange={(users) => onChange({ users })} />
      </Container>
      <Container
        header={
          <Header variant="h2" description={m("createPoliciesText")}>
            {m("createPolicies")}
          </Header>
        }
      >
        <PolicyPicker chosen={wanted.policies} onChange={(policies) => onChange({ policies })} />
      </Container>
    </SpaceBetween>
  );
}

function Progress({ steps, done, running }: { steps: Step[]; done: number; running: boolean }) {
  const m = useMessages(messages);
  return (
    <Container header={<Header variant="h2">{running ? m("doing") : m("partTitle")}</Header>}>
      <SpaceBetween size="m">
        {!running && <Alert type="warning">{m("partText")}</Alert>}
        <StepList steps={steps.map((step, i) => ({ text: step.text, state: stateAt(i, done, running) }))} />
      </SpaceBetween>
    </Container>
  );
}
