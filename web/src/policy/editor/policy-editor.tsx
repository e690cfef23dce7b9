import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Tabs from "@cloudscape-design/components/tabs";
import { useCallback, useId, useRef, useState } from "react";
import { useSession } from "@/aws";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import policyWords from "@/messages/en/policy";
import { isTested, PolicyTest } from "../check/policy-test";
import { FindingList } from "../lint/finding-list";
import { useLint } from "../lint/use-lint";
import { format } from "../model/edit";
import { read, type PolicyKind } from "../model/document";
import type { Span } from "../model/findings";
import { addStatement } from "../model/statement";
import { quotas, size } from "../model/size";
import { TemplateDialog, type Template } from "../templates/template";
import { PolicyDiff } from "../view/policy-diff";
import { VisualEditor } from "../visual/visual-editor";
import type { JsonViewHandle } from "./json-view";
import { JsonView } from "./lazy";
import { useBuffer } from "./use-buffer";

export type View = "visual" | "json";

export interface PolicyEditorProps {
  value: string;
  onChange: (text: string) => void;
  kind: PolicyKind;
  /** Of kind "resource": AWS::DynamoDB::Table and the like, when there is a name for it. */
  resourceType?: string;
  /** What can be inserted. */
  templates?: readonly Template[];
  /** What was saved last: changes are shown against it. */
  original?: string;
  /** How long the document may be; what its kind may be unless said. */
  limit?: number;
  /** Characters that other documents take of the same quota. */
  used?: number;
  /** The account that the policy is for; that of the session unless said. */
  accountId?: string;
  initialView?: View;
}

/** Edits a policy: as forms or as JSON, which are two views of one text. */
export default function PolicyEditor(props: PolicyEditorProps) {
  const { value, onChange, kind, resourceType, templates = [], original, initialView = "visual" } = props;
  const m = useMessages(words);
  const p = useMessages(policyWords);
  const helpId = useId();
  const { session } = useSession();
  const accountId = props.accountId ?? session.accountId;
  const buffer = useBuffer(value, onChange);
  const { text } = buffer;
  const lint = useLint(text, kind, resourceType);
  const [view, setView] = useState<View>(() => (read(value).fault && value.trim() !== "" ? "json" : initialView));
  const [template, setTemplate] = useState<Template>();
  const json = useRef<JsonViewHandle>(null);
  const goal = useRef<Span>(undefined);

  const takeGoal = useCallback(() => {
    const taken = goal.current;
    goal.current = undefined;
    return taken;
  }, []);
  const show = (span: Span) => {
    if (json.current) return json.current.goTo(span);
    goal.current = span;
    setView("json");
  };

  const write = (next: string) => buffer.write(next);
  const insert = (statement: string) => {
    const document = read(buffer.text);
    write(addStatement(document, JSON.parse(statement)));
    setTemplate(undefined);
  };
  const findings = lint.findings.length + (lint.fault ? 1 : 0);
  return (
    <div>
      <SpaceBetween size="s">
        <div className="policy-toolbar">
          <SegmentedControl
            selectedId={view}
            label={m("viewLabel")}
            options={[
              { id: "visual", text: m("viewVisual") },
              { id: "json", text: m("viewJson") },
            ]}
            onChange={({ detail }) => setView(detail.selectedId as View)}
          />
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              formAction="none"
              iconName="undo"
              variant="icon"
              ariaLabel={m("undo")}
              disabled={!buffer.canUndo}
              onClick={() => buffer.undo()}
            />
            <Button
              formAction="none"
              iconName="redo"
              variant="icon"
              ariaLabel={m("redo")}
              disabled={!buffer.canRedo}
              onClick={() => buffer.redo()}
            />
            {view === "json" && (
              <Button
                formAction="none"
                disabled={lint.fault !== undefined}
                onClick={() => {
                  const { root } = read(buffer.text);
                  if (root) write(format(buffer.text, root));
                }}
              >
                {m("format")}
              </Button>
            )}
            {templates.length > 0 && (
              <ButtonDropdown
                items={templates.map((t) => ({ id: t.id, text: t.title, description: t.description }))}
                disabled={lint.fault !== undefined && text.trim() !== ""}
                onItemClick={({ detail }) => setTemplate(templates.find((t) => t.id === detail.id))}
              >
                {m("templates")}
              </ButtonDropdown>
            )}
          </SpaceBetween>
          <Size text={text} kind={kind} limit={props.limit} used={props.used} />
        </div>
        {view === "json" ? (
          <>
            <JsonView
              handle={json}
              takeGoal={takeGoal}
              buffer={buffer}
              lint={lint}
              kind={kind}
              accountId={accountId}
              words={m}
              readOnly={false}
              helpId={helpId}
            />
            <Box id={helpId} fontSize="body-s" color="text-body-secondary">
              {m("editorHelp")}
            </Box>
          </>
        ) : (
          <VisualEditor
            text={text}
            onChange={write}
            kind={kind}
            accountId={accountId}
            findings={lint.findings}
            onShowJson={show}
          />
        )}
        <Tabs
          ariaLabel={m("below")}
          tabs={[
            {
              id: "findings",
              label: m("tabFindings", { count: findings }),
              content: <FindingList text={text} lint={lint} onGo={show} onFix={write} />,
            },
            ...(isTested(kind)
              ? [
                  {
                    id: "test",
                    label: m("tabTest"),
                    content: <PolicyTest text={text} kind={kind} broken={lint.fault !== undefined} onShow={show} />,
                  },
                ]
              : []),
            ...(original === undefined
              ? []
              : [
                  {
                    id: "changes",
                    label: m("tabChanges"),
                    content: <PolicyDiff before={original} after={text} label={p("diffLabel")} />,
                  },
                ]),
          ]}
        />
      </SpaceBetween>
      {template && <TemplateDialog template={template} onInsert={insert} onClose={() => setTemplate(undefined)} />}
    </div>
  );
}

/** How much of its quota a document takes. */
function Size({
  text,
  kind,
  limit = quotas[kind],
  used = 0,
}: {
  text: string;
  kind: PolicyKind;
  limit?: number;
  used?: number;
}) {
  const m = useMessages(words);
  const counted = size(kind, text) + used;
  const over = counted - limit;
  const said = m(kind === "bucket" ? "sizeBytes" : "size", { size: counted, limit });
  const shared = used > 0 ? ` ${m("sizeShared", { used })}` : "";
  return over > 0 ? (
    <StatusIndicator type="error">
      {said} {m("sizeOver", { over })}
      {shared}
    </StatusIndicator>
  ) : (
    <Box color="text-body-secondary" fontSize="body-s">
      {said}
      {shared}
    </Box>
  );
}
