import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useWrite } from "@/aws";
import { UpdateAssumeRolePolicyCommand, useIam } from "@/aws/iam";
import { path, useGo, useParam, useTo } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { ViewAs } from "@/components/snippet";
import { documentText } from "@/components/trust";
import { TrustWords } from "@/components/trust-words";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/roles";
import { PolicyEditor, SavePolicy } from "@/policy/editor";
import { useRole } from "./data";

/** Edits a role's trust policy. */
export function Component() {
  const name = useParam("name");
  const m = useMessages(messages);
  const role = useRole(name);
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={m("trustText")}>
          <span className="break">{m("trustOf", { name })}</span>
        </Header>
      }
    >
      <PanelState reading={role} lines={12}>
        {(r) => <Editor name={name} read={documentText(r.AssumeRolePolicyDocument)} />}
      </PanelState>
    </ContentLayout>
  );
}

function Editor({ name, read }: { name: string; read: string }) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const iam = useIam();
  const go = useGo();
  const to = useTo();
  const [original] = useState(read); // what was read when the editing began is what it is compared with
  const [text, setText] = useState(read);
  const back = path`/iam/roles/${name}` + "?tab=trust";
  const save = useWrite(
    (PolicyDocument: string) => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument })),
    {
      invalidates: [["iam", "role", name], ["iam", "roles"], ["regent"]],
      done: () => m("trustSaved", { name }),
      onDone: () => go(back),
    },
  );
  const call = {
    service: "iam",
    command: "update-assume-role-policy",
    options: { "role-name": name, "policy-document": text },
  };
  return (
    <SpaceBetween size="l">
      <Container>
        <PolicyEditor value={text} onChange={setText} kind="trust" original={original} initialView="json" />
      </Container>
      <Container header={<Header variant="h2">{m("trustWords")}</Header>}>
        <TrustWords document={text} />
      </Container>
      <ViewAs calls={[call]} />
      <SpaceBetween direction="horizontal" size="xs" alignItems="start">
        <Button href={to(back)}>{c("cancel")}</Button>
        <SavePolicy
          text={text}
          kind="trust"
          original={original}
          label={m("trustSave")}
          onSave={save.start}
          pending={save.pending}
          problem={save.problem}
        />
      </SpaceBetween>
    </SpaceBetween>
  );
}
