import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useState, type ReactNode } from "react";
import type { Problem } from "@/aws";
import { ErrorPanel } from "@/components/error-panel";
import { useMessages } from "@/messages";
import policyWords from "@/messages/en/policy";
import words from "@/messages/en/policy-editor";
import { FindingList } from "../lint/finding-list";
import { useLint } from "../lint/use-lint";
import type { PolicyKind } from "../model/document";
import { quotas, size } from "../model/size";
import { PolicyDiff } from "../view/policy-diff";

interface Props {
  text: string;
  kind: PolicyKind;
  resourceType?: string;
  /** What was saved last; the changes are shown before they are saved. */
  original?: string;
  limit?: number;
  used?: number;
  label: string;
  onSave: (text: string) => void;
  pending: boolean;
  problem?: Problem;
  disabled?: boolean;
  /** What more there is to say before it is saved: a version to delete, the call as CLI. */
  children?: ReactNode;
}

/**
 * The button that saves a document. Errors keep it from being saved, warnings ask, and so does what could not be
 * checked. Changes to what there was are shown first.
 */
export function SavePolicy(props: Props) {
  const { text, kind, original, limit = quotas[kind], used = 0, label, onSave, pending, problem, disabled, children } = props;
  const m = useMessages(words);
  const p = useMessages(policyWords);
  const lint = useLint(text, kind, props.resourceType);
  const [state, setState] = useState<"idle" | "waiting" | "refused" | "asking">("idle");
  const [accepted, setAccepted] = useState(false);
  const over = size(kind, text) + used > limit;
  const doubtful = lint.warnings > 0 || lint.problem !== undefined;
  const asks = doubtful || original !== undefined || children !== undefined;

  useEffect(() => {
    // What was asked to be saved waits for the findings about it.
    if (state !== "waiting" || lint.checking) return;
    if (lint.errors > 0 || over) setState("refused");
    else if (asks) setState("asking");
    else {
      setState("idle");
      onSave(text);
    }
  }, [state, lint, over, asks, onSave, text]);

  useEffect(() => {
    // Mended, or written on: what was said of the text is not of this one.
    setState((s) => (s === "refused" || s === "asking" ? "idle" : s));
    setAccepted(false);
  }, [text]);

  return (
    <>
      <SpaceBetween size="s" alignItems="end">
        <Button
          variant="primary"
          loading={state === "waiting" || pending}
          disabled={disabled}
          onClick={() => {
            setAccepted(false);
            setState("waiting");
          }}
        >
          {label}
        </Button>
        {state === "refused" && (
          <Alert type="error">
            <SpaceBetween size="xs">
              {lint.errors > 0 && <Box>{m("saveErrors", { count: lint.errors })}</Box>}
              {over && <Box>{m("saveOver")}</Box>}
            </SpaceBetween>
          </Alert>
        )}
        {problem && state !== "asking" && <ErrorPanel problem={problem} />}
      </SpaceBetween>
      {state === "asking" && (
        <Modal
          visible
          size="large"
          header={m("saveReview")}
          onDismiss={() => setState("idle")}
          footer={
            <Box float="right">
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="link" onClick={() => setState("idle")} disabled={pending}>
                  {m("cancel")}
                </Button>
                <Button variant="primary" loading={pending} disabled={doubtful && !accepted} onClick={() => onSave(text)}>
                  {label}
                </Button>
              </SpaceBetween>
            </Box>
          }
        >
          <SpaceBetween size="m">
            {original !== undefined && <PolicyDiff before={original} after={text} label={p("diffLabel")} />}
            {children}
            {doubtful && (
              <Alert
                type="warning"
                header={lint.problem ? m("saveUnchecked") : m("saveWarnings", { count: lint.warnings })}
              >
                <SpaceBetween size="s">
                  <FindingList text={text} lint={lint} />
                  <Checkbox checked={accepted} onChange={({ detail }) => setAccepted(detail.checked)}>
                    {m("saveAccept")}
                  </Checkbox>
                </SpaceBetween>
              </Alert>
            )}
            {problem && <ErrorPanel problem={problem} />}
          </SpaceBetween>
        </Modal>
      )}
    </>
  );
}
