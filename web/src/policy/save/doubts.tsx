import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import { FindingList } from "../lint/finding-list";
import type { Lint } from "../lint/use-lint";

interface Props {
  text: string;
  lint: Lint;
  /** It is longer than an account may have without a quota of its own. */
  over: boolean;
  label: string;
  accepted: boolean;
  onAccept: (accepted: boolean) => void;
  errorText?: string;
}

/** isDoubtful reports whether a document is saved only by whoever says that it is meant so. */
export const isDoubtful = (lint: Lint, over: boolean) =>
  over || lint.errors > 0 || lint.warnings > 0 || lint.problem !== undefined;

/**
 * What speaks against saving a document, and the box that says that it is meant. Errors are no more than that: IAM
 * saves actions and condition keys that nobody knows yet, and says itself what it does not take.
 */
export function Doubts({ text, lint, over, label, accepted, onAccept, errorText }: Props) {
  const m = useMessages(words);
  const { errors, warnings } = lint;
  const bad = errors > 0 || over;
  return (
    <Alert
      type={bad ? "error" : "warning"}
      header={
        lint.problem
          ? m("saveUnchecked")
          : errors + warnings > 0
            ? m("saveFound", { errors, warnings, both: errors > 0 && warnings > 0 ? "yes" : "no" })
            : m("saveOver")
      }
    >
      <SpaceBetween size="s">
        {bad && <Box>{m("saveRefused")}</Box>}
        {over && errors + warnings > 0 && <Box>{m("saveOver")}</Box>}
        <FindingList text={text} lint={lint} />
        <FormField errorText={errorText}>
          <Checkbox checked={accepted} onChange={({ detail }) => onAccept(detail.checked)}>
            {label}
          </Checkbox>
        </FormField>
      </SpaceBetween>
    </Alert>
  );
}
