import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import { isStatement, read, type PolicyKind } from "../model/document";
import { statementOf, type Finding, type Span } from "../model/findings";
import {
  addStatement,
  copyStatement,
  moveStatement,
  newDocument,
  newStatement,
  removeStatement,
} from "../model/statement";
import { OtherPart } from "./other-part";
import { StatementCard } from "./statement-card";
import "../policy.css";

export interface VisualProps {
  text: string;
  onChange: (text: string) => void;
  kind: PolicyKind;
  /** The account that the policy is for. */
  accountId: string;
  findings: readonly Finding[];
  /** Shows a place as JSON. */
  onShowJson: (span: Span) => void;
}

/** The statements of a policy as forms. What they cannot show is named, and stays as it was written. */
export function VisualEditor({ text, onChange, kind, accountId, findings, onShowJson }: VisualProps) {
  const m = useMessages(words);
  const document = useMemo(() => read(text), [text]);
  const [closed, setClosed] = useState<ReadonlySet<number>>(
    () =>
      // A long policy is easier found through when only its heads are seen.
      new Set(document.statements.length > 3 ? document.statements.keys() : []),
  );
  const { fault, root, statements } = document;
  const toggle = (index: number, open: boolean) => {
    const next = new Set(closed);
    if (open) next.delete(index);
    else next.add(index);
    setClosed(next);
  };

  if (fault && text.trim() !== "") {
    return (
      <Alert
        type="info"
        action={
          <Button formAction="none" onClick={() => onShowJson({ from: fault.from, to: fault.to })}>
            {m("visualBrokenGo")}
          </Button>
        }
      >
        {m("visualBroken")}
      </Alert>
    );
  }
  if (!root && text.trim() !== "")
    return <OtherPart name={m("editorLabel")} onShowJson={() => onShowJson({ from: 0, to: 0 })} />;

  const add = () => {
    const made = newStatement(kind);
    onChange(root ? addStatement(document, made) : newDocument(made));
    toggle(statements.length, true);
  };
  return (
    <SpaceBetween size="m">
      {statements.map((s, i) =>
        isStatement(s) ? (
          <StatementCard
            key={i}
            document={document}
            statement={s}
            kind={kind}
            accountId={accountId}
            findings={findings.filter((f) => f.spans.some((span) => root && statementOf(root, span) === i))}
            open={!closed.has(i)}
            onToggle={(open) => toggle(i, open)}
            onChange={onChange}
            onShowJson={onShowJson}
            onAct={(act) => {
              switch (act) {
                case "copy":
                  toggle(i + 1, true);
                  return onChange(copyStatement(document, i));
                case "up":
                  return onChange(moveStatement(document, i, i - 1));
                case "down":
                  return onChange(moveStatement(document, i, i + 1));
                case "remove":
                  return onChange(removeStatement(document, i));
                case "json":
                  return onShowJson(s.node);
              }
            }}
          />
        ) : (
          <OtherPart key={i} name={m("statementTitle", { number: i + 1 })} onShowJson={() => onShowJson(s.node)} />
        ),
      )}
      <Button formAction="none" iconName="add-plus" onClick={add}>
        {m("statementAdd")}
      </Button>
    </SpaceBetween>
  );
}
