import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Tabs from "@cloudscape-design/components/tabs";
import { useEffect, useId, useRef, useState, useSyncExternalStore } from "react";
import { useSession } from "@/aws";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import policyWords from "@/messages/en/policy";
import { isTested, PolicyTest } from "../check/policy-test";
import { FindingList } from "../lint/finding-list";
import { useLint, type Lint } from "../lint/use-lint";
import { format } from "../model/edit";
import { read, type PolicyKind } from "../model/document";
import type { Span } from "../model/findings";
import { addStatement } from "../model/statement";
import { quotas, size } from "../model/size";
import { TemplateDialog, type Template } from "../templates/template";
import { PolicyDiff } from "../view/policy-diff";
import { colours } from "../view/style";
import { VisualEditor } from "../visual/visual-editor";
import { BufferView, type BufferViewHandle } from "./buffer-view";
import { showFindings, useBuffer } from "./extensions";
import type { Buffer } from "./buffer";

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
  const buffer = useBuffer(value, { kind, accountId, words: m, readOnly: false, helpId });
  const text = useText(buffer, value, onChange);
  const lint = useLint(text, kind, resourceType);
  const [view, setView] = useState<View>(() => (read(value).fault && value.trim() !== "" ? "json" : initialView));
  const [going, setGoing] = useState<Span>();
  const [template, setTemplate] = useState<Template>();
  const json = useRef<BufferViewHandle>(null);

  useFindings(buffer, text, lint);

  const show = (span: Span) => {
    setView("json");
    setGoing(span);
  };
  useEffect(() => {
    if (!going || view !== "json") return;
    json.current?.goTo(going.from, going.to);
    setGoing(undefined);
  }, [going, view]);

  const write = (next: string) => buffer.write(next);
  const insert = (statement: string) => {
    const document = read(buffer.text);
    write(addStatement(document, JSON.parse(statement)));
    setTemplate(undefined);
  };
  const findings = lint.findings.length + (lint.fault ? 1 : 0);
  return (
    <div style={colours}>
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
            <Button iconName="undo" variant="icon" ariaLabel={m("undo")} disabled={!buffer.canUndo} onClick={() => buffer.undo()} />
            <Button iconName="redo" variant="icon" ariaLabel={m("redo")} disabled={!buffer.canRedo} onClick={() => buffer.redo()} />
            {view === "json" && (
              <Button
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
            <BufferView ref={json} buffer={buffer} />
            <Box id={helpId} fontSize="body-s" color="text-body-secondary">
              {m("editorHelp")}
            </Box>
          </>
        ) : (
          <VisualEditor text={text} onChange={write} kind={kind} accountId={accountId} findings={lint.findings} onShowJson={show} />
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

/**
 * useText keeps a buffer and the value of its owner the same, whichever of them changes. What comes back from the owner
 * was sent to it before, and may be older than what has been typed since: only what was never sent is another's.
 */
export function useText(buffer: Buffer, value: string, onChange: (text: string) => void): string {
  const state = useSyncExternalStore(buffer.subscribe, buffer.snapshot);
  const text = state.doc.toString();
  const sent = useRef<string[]>([]);
  const known = useRef(value);

  useEffect(() => {
    if (text === known.current) return;
    known.current = text;
    sent.current.push(text);
    onChange(text);
  }, [text, onChange]);

  useEffect(() => {
    const at = sent.current.indexOf(value);
    sent.current.splice(0, at + 1);
    if (at >= 0 || value === known.current) return;
    known.current = value;
    sent.current = [];
    buffer.write(value);
  }, [buffer, value]);

  return text;
}

/** useFindings marks in the text what was found in it. */
export function useFindings(buffer: Buffer, text: string, lint: Lint): void {
  const p = useMessages(policyWords);
  const { fault, findings, checking } = lint;
  useEffect(() => {
    const label = (name: string, value: string) => p(`fix_${name}` as "fix_replace", { value });
    if (fault) {
      const details = p(`fault_${fault.code}`, { about: fault.about });
      showFindings(buffer, [{ code: "", severity: "error", details, learnMore: "", spans: [{ from: fault.from, to: fault.to }] }], label);
    } else if (!checking) {
      showFindings(buffer, findings, label);
    }
    // The text is what the findings are about.
  }, [buffer, text, fault, findings, checking, p]);
}

/** How much of its quota a document takes. */
function Size({ text, kind, limit = quotas[kind], used = 0 }: { text: string; kind: PolicyKind; limit?: number; used?: number }) {
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
