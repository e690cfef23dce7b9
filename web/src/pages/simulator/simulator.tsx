import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { useSession, useWrite } from "@/aws";
import { useIam } from "@/aws/iam";
import { parseArn } from "@/components/arn";
import { download } from "@/components/csv";
import { ErrorPanel } from "@/components/error-panel";
import { TokenInput } from "@/components/token-input";
import { useMessages } from "@/messages";
import messages from "@/messages/en/simulator";
import { contextEntries } from "@/policy/check/simulate";
import { ActionField } from "./action-field";
import { archiveOf } from "./archive";
import { Document, Documents, isObject } from "./document-fields";
import { documentsOf, pastedDocuments } from "./documents";
import { Results } from "./results";
import { keysOf, simulate, type Question, type Row } from "./simulate";

/** Asks what somebody may do. Whose, actions and resources are in the address; documents are too long for it. */
export function Component() {
  const m = useMessages(messages);
  const iam = useIam();
  const { session } = useSession();
  const [search, setSearch] = useSearchParams();
  const [custom, setCustom] = useState(search.has("custom"));
  const [principal, setPrincipal] = useState(search.get("principal") ?? (session.kind === "user" ? session.arn : ""));
  const [documents, setDocuments] = useState([""]);
  const [boundary, setBoundary] = useState("");
  const [change, setChange] = useState("");
  const [actions, setActions] = useState(search.getAll("action"));
  const [resources, setResources] = useState(search.getAll("resource"));
  const [context, setContext] = useState<Record<string, string>>({});
  const [tried, setTried] = useState(false);
  const question: Question = {
    principal: custom ? "" : principal.trim(),
    documents,
    boundary,
    change,
    actions,
    resources,
    context,
  };

  const wrongPrincipal = !custom && !/^arn:[^:]+:iam::\d{12}:(user|group|role)\/./.test(principal.trim());
  const wrongDocument = custom && !documents.every(isObject);
  const wrongChange = [change, boundary].some((text) => text.trim() !== "" && !isObject(text));
  const wrong = wrongPrincipal || wrongDocument || wrongChange;

  const keys = useWrite((q: Question) => keysOf(iam, q), {
    invalidates: [],
    onDone: (found) => setContext((had) => Object.fromEntries(found.map((key) => [key, had[key] ?? ""]))),
  });
  // What was asked stays beside its answer: the form may say something else by then.
  const [answered, setAnswered] = useState<{ question: Question; rows: Row[] }>();
  const run = useWrite((q: Question) => simulate(iam, q), {
    invalidates: [],
    onDone: (rows, q) => setAnswered({ question: q, rows }),
  });
  const save = useWrite(
    async ({ question: q, rows }: { question: Question; rows: Row[] }) => {
      const own = q.principal === "" ? pastedDocuments(q.documents) : await documentsOf(iam, q.principal);
      const entries = await contextEntries(q.context, q.actions);
      download(
        "simulation.txtar",
        archiveOf(q, rows, { documents: own, entries, account: session.accountId }),
        "text/plain;charset=utf-8",
      );
    },
    { invalidates: [], done: () => m("exported") },
  );

  const submit = () => {
    setTried(true);
    if (wrong || actions.length === 0) return;
    const said = new URLSearchParams(custom ? { custom: "" } : { principal: question.principal });
    for (const action of actions) said.append("action", action);
    for (const resource of resources) said.append("resource", resource);
    setSearch(said, { replace: true });
    void run.run(question);
  };
  const texts = {
    add: m("add"),
    use: (text: string) => m("use", { text }),
    remove: (value: string) => m("remove", { value }),
  };
  const problem = run.problem ?? keys.problem;

  return (
    <ContentLayout
      header={
        <Header variant="h1" description={m("description")}>
          {m("title")}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Container>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              submit();
            }}
          >
            <SpaceBetween size="l">
              <SegmentedControl
                label={m("who")}
                selectedId={custom ? "custom" : "principal"}
                onChange={({ detail }) => setCustom(detail.selectedId === "custom")}
                options={[
                  { id: "principal", text: m("whoPrincipal") },
                  { id: "custom", text: m("whoCustom") },
                ]}
              />
              {custom ? (
                <SpaceBetween size="l">
                  <Documents values={documents} onChange={setDocuments} tried={tried} />
                  <Document
                    label={m("boundary")}
                    description={m("boundaryText")}
                    value={boundary}
                    onChange={setBoundary}
                    optional
                  />
                </SpaceBetween>
              ) : (
                <FormField
                  label={m("arn")}
                  description={m("arnText")}
                  errorText={tried && wrongPrincipal ? m("arnWrong") : undefined}
                >
                  <Input value={principal} spellcheck={false} onChange={({ detail }) => setPrincipal(detail.value)} />
                </FormField>
              )}
              <ColumnLayout columns={2}>
                <ActionField values={actions} onChange={setActions} tried={tried} texts={texts} />
                <TokenInput
                  label={m("resources")}
                  description={m("resourcesText")}
                  values={resources}
                  onChange={setResources}
                  options={[]}
                  placeholder="arn:aws:s3:::bucket/*"
                  check={(text) => (parseArn(text) ? undefined : m("resourcesWrong"))}
                  texts={{ ...texts, chosen: m("resourcesChosen") }}
                />
              </ColumnLayout>
              <ExpandableSection headerText={m("change")} headerDescription={m("changeText")}>
                <SpaceBetween size="l">
                  <Document
                    label={m("changeAdd")}
                    description={m("changeAddText")}
                    value={change}
                    onChange={setChange}
                    optional
                  />
                  {!custom && (
                    <Document
                      label={m("changeBoundary")}
                      description={m("changeBoundaryText")}
                      value={boundary}
                      onChange={setBoundary}
                      optional
                    />
                  )}
                </SpaceBetween>
              </ExpandableSection>
              <SpaceBetween size="s">
                <FormField label={m("context")} description={m("contextText")} stretch>
                  <Button
                    formAction="none"
                    loading={keys.pending}
                    disabled={wrong}
                    onClick={() => keys.start(question)}
                  >
                    {m("contextAsk")}
                  </Button>
                </FormField>
                <ColumnLayout columns={2}>
                  {Object.entries(context).map(([key, value]) => (
                    <FormField key={key} label={<code>{key}</code>} stretch>
                      <Textarea
                        rows={1}
                        value={value}
                        spellcheck={false}
                        onChange={({ detail }) => setContext({ ...context, [key]: detail.value })}
                      />
                    </FormField>
                  ))}
                </ColumnLayout>
              </SpaceBetween>
              <Button variant="primary" formAction="submit" loading={run.pending}>
                {m("run")}
              </Button>
              {problem && <ErrorPanel problem={problem} />}
            </SpaceBetween>
          </form>
        </Container>
        {answered && (
          <Results
            principal={answered.question.principal}
            rows={answered.rows}
            actions={
              <Button loading={save.pending} onClick={() => save.start(answered)} ariaLabel={m("export")}>
                {m("export")}
              </Button>
            }
            problem={save.problem}
          />
        )}
      </SpaceBetween>
    </ContentLayout>
  );
}
