/** The page that writes an inline policy of a user, a role or a group. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useCallback, useState, type ReactNode } from "react";
import { useSearchParams } from "react-router";
import { readAll, useRead, useWrite } from "@/aws";
import { useIam } from "@/aws/iam";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import permissions from "@/messages/en/permissions";
import { PolicyEditor, SavePolicy, size } from "@/policy/editor";
import type { Template } from "@/policy/templates";
import { useGo, useTo } from "../links";
import { isAnyAccount, rolesNamed } from "../other-side";
import { PanelState } from "../panel-state";
import { ViewAs } from "../snippet";
import { isPolicyName, policiesKey, policiesOf, policyCall, type Entity, type EntityKind } from "./entity";

/** What the inline policies of an entity may have together, in characters as IAM counts them (PL-90). */
const quotas: Record<EntityKind, number> = { user: 2048, role: 10240, group: 5120 };

const empty = '{\n  "Version": "2012-10-17",\n  "Statement": []\n}';

interface Props {
  entity: Entity;
  /** Where the entity's policies are seen, below the session. */
  back: string;
  templates?: readonly Template[];
  /** What more there is to say of a document, below the editor. */
  children?: (document: string) => ReactNode;
}

/** Which policy is edited stands in the address: ?policy=name; without it one is made. */
export function InlinePolicyPage(props: Props) {
  const { entity } = props;
  const iam = useIam();
  const [search] = useSearchParams();
  const policy = search.get("policy") ?? "";
  const policies = policiesOf(iam, entity);
  const original = useRead([...policiesKey(entity), "inline", policy], () => policies.get(policy), {
    enabled: policy !== "",
  });
  if (policy === "") return <Editor key="" {...props} policy="" original={undefined} />;
  return (
    <PanelState reading={original} lines={12}>
      {(text) => <Editor key={policy} {...props} policy={policy} original={text} />}
    </PanelState>
  );
}

function Editor({
  entity,
  back,
  templates,
  children,
  policy,
  original,
}: Props & { policy: string; original?: string }) {
  const m = useMessages(permissions);
  const c = useMessages(common);
  const go = useGo();
  const to = useTo();
  const iam = useIam();
  const [first] = useState(original); // what was read when the editing began is what it is compared with
  const [name, setName] = useState(policy);
  const [tried, setTried] = useState(false);
  const [text, setText] = useState(original ?? empty);
  const policies = policiesOf(iam, entity);
  // Others may be forbidden to read: then the quota is counted without them, and the server has the last word.
  const others = useRead([...policiesKey(entity), "inline", "all"], async () => {
    const names = await readAll(policies.inline);
    const read = async (other: string) => [other, await policies.get(other).catch(() => "")] as const;
    return new Map(await Promise.all(names.map(read)));
  });
  const used = [...(others.data ?? [])].reduce((sum, [other, document]) => {
    return other === name || document === "" ? sum : sum + size("identity", document);
  }, 0);

  const save = useWrite((document: string) => policies.put(name, document), {
    invalidates: [policiesKey(entity)],
    done: () => m("inlineSaved", { name }),
    onDone: () => go(back),
  });
  const onSave = useCallback(
    (document: string) => {
      setTried(true);
      if (isPolicyName(name)) save.start(document);
    },
    [name, save],
  );
  const taken = policy === "" && others.data?.has(name);
  const loose = rolesNamed(text).find((role) => isAnyAccount(role.arn));
  const [accepted, setAccepted] = useState("");

  return (
    <ContentLayout
      header={
        <Header variant="h1">
          <span className="break">
            {policy === ""
              ? m("inlinePageCreate", { name: entity.name })
              : m("inlinePageEdit", { policy, name: entity.name })}
          </span>
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Container>
          <FormField
            label={m("inlineName")}
            constraintText={m("inlineNameText")}
            errorText={(name !== "" || tried) && !isPolicyName(name) ? m("inlineNameBad") : undefined}
            warningText={taken ? m("inlineNameTaken") : undefined}
          >
            <Input
              value={name}
              disabled={policy !== ""}
              autoComplete={false}
              spellcheck={false}
              onChange={({ detail }) => setName(detail.value)}
            />
          </FormField>
        </Container>
        <Container header={<Header variant="h2">{m("inlineDocument")}</Header>}>
          <PolicyEditor
            value={text}
            onChange={setText}
            kind="identity"
            templates={templates}
            original={first}
            limit={quotas[entity.kind]}
            used={used}
          />
        </Container>
        {children?.(text)}
        {loose && (
          <Alert type="warning">
            <SpaceBetween size="xs">
              {m("anyAccount", { arn: loose.arn })}
              <Checkbox
                checked={accepted === loose.arn}
                onChange={({ detail }) => setAccepted(detail.checked ? loose.arn : "")}
              >
                {m("anyAccountAccept")}
              </Checkbox>
            </SpaceBetween>
          </Alert>
        )}
        <ViewAs calls={[policyCall(entity, "put", { name: name || "…", document: text })]} />
        <SpaceBetween direction="horizontal" size="xs" alignItems="start">
          <Button href={to(back)}>{c("cancel")}</Button>
          <SavePolicy
            text={text}
            kind="identity"
            original={first}
            limit={quotas[entity.kind]}
            used={used}
            label={m("inlineSave")}
            onSave={onSave}
            pending={save.pending}
            problem={save.problem}
            disabled={!isPolicyName(name) || (loose !== undefined && accepted !== loose.arn)}
          />
        </SpaceBetween>
      </SpaceBetween>
    </ContentLayout>
  );
}
