import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useRef, useState, type ReactNode } from "react";
import type { Problem } from "@/aws";
import { ErrorPanel } from "@/components/error-panel";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import { useLint } from "../lint/use-lint";
import type { PolicyKind } from "../model/document";
import { quotas, size } from "../model/size";
import { PolicyDiff } from "../view/policy-diff";
import { Doubts, isDoubtful } from "./doubts";

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
 * The button that saves a document. What is no JSON is not saved; what else was found asks, and so does what could not
 * be checked. Changes to what there was are shown first.
 */
export function SavePolicy(props: Props) {
  const {
    text,
    kind,
    original,
    limit = quotas[kind],
    used = 0,
    label,
    onSave,
    pending,
    problem,
    disabled,
    children,
  } = props;
  const m = useMessages(words);
  const lint = useLint(text, kind, props.resourceType);
  // Which text was asked to be saved, and how often: what is said of one is not of the next.
  const [asked, setAsked] = useState<{ text: string; count: number }>();
  const [acceptedText, setAcceptedText] = useState<string>();
  const started = useRef(0);
  const over = size(kind, text) + used > limit;
  const doubtful = isDoubtful(lint, over);
  const asks = doubtful || original !== undefined || children !== undefined;
  const accepted = acceptedText === text;
  const state = stateOf();

  function stateOf() {
    if (asked?.text !== text) return "idle";
    // It waits for the findings about it.
    if (lint.checking) return "waiting";
    if (lint.fault) return "refused";
    return asks ? "asking" : "saving";
  }

  useEffect(() => {
    if (state !== "saving" || !asked || started.current === asked.count) return;
    started.current = asked.count;
    onSave(text);
  }, [state, asked, onSave, text]);

  return (
    <>
      <SpaceBetween size="s" alignItems="end">
        <Button
          formAction="none"
          variant="primary"
          loading={state === "waiting" || pending}
          disabled={disabled}
          onClick={() => {
            setAcceptedText(undefined);
            setAsked({ text, count: started.current + 1 });
          }}
        >
          {label}
        </Button>
        {state === "refused" && <Alert type="error">{m("saveFault")}</Alert>}
        {problem && state !== "asking" && <ErrorPanel problem={problem} />}
      </SpaceBetween>
      {state === "asking" && (
        <Modal
          visible
          size="large"
          header={m("saveReview")}
          onDismiss={() => setAsked(undefined)}
          footer={
            <Box float="right">
              <SpaceBetween direction="horizontal" size="xs">
                <Button formAction="none" variant="link" onClick={() => setAsked(undefined)} disabled={pending}>
                  {m("cancel")}
                </Button>
                <Button
                  formAction="none"
                  variant="primary"
                  loading={pending}
                  disabled={doubtful && !accepted}
                  onClick={() => onSave(text)}
                >
                  {label}
                </Button>
              </SpaceBetween>
            </Box>
          }
        >
          <SpaceBetween size="m">
            {original !== undefined && <PolicyDiff before={original} after={text} label={m("saveReview")} />}
            {children}
            {doubtful && (
              <Doubts
                text={text}
                lint={lint}
                over={over}
                label={m("saveAccept")}
                accepted={accepted}
                onAccept={(yes) => setAcceptedText(yes ? text : undefined)}
              />
            )}
            {problem && <ErrorPanel problem={problem} />}
          </SpaceBetween>
        </Modal>
      )}
    </>
  );
}
