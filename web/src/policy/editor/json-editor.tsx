import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useId, type Ref } from "react";
import { useSession } from "@/aws";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import type { Lint } from "../lint/use-lint";
import type { PolicyKind } from "../model/document";
import type { JsonViewHandle } from "./json-view";
import { JsonView } from "./lazy";
import { useBuffer } from "./use-buffer";

export interface JsonEditorProps {
  value: string;
  onChange: (text: string) => void;
  kind: PolicyKind;
  /** What useLint found: it is marked. */
  lint: Lint;
  readOnly?: boolean;
  accountId?: string;
  handle?: Ref<JsonViewHandle>;
}

/** The JSON view alone: beside a form that writes the document, say. */
export function JsonEditor({ value, onChange, kind, lint, readOnly = false, accountId, handle }: JsonEditorProps) {
  const m = useMessages(words);
  const helpId = useId();
  const { session } = useSession();
  const buffer = useBuffer(value, onChange);
  return (
    <SpaceBetween size="xs">
      <JsonView
        handle={handle}
        buffer={buffer}
        lint={lint}
        kind={kind}
        accountId={accountId ?? session.accountId}
        words={m}
        readOnly={readOnly}
        helpId={helpId}
      />
      <Box id={helpId} fontSize="body-s" color="text-body-secondary">
        {m("editorHelp")}
      </Box>
    </SpaceBetween>
  );
}
