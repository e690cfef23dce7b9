import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { forwardRef, useId } from "react";
import { useSession } from "@/aws";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import type { Lint } from "../lint/use-lint";
import type { PolicyKind } from "../model/document";
import { colours } from "../view/style";
import { BufferView, type BufferViewHandle } from "./buffer-view";
import { useBuffer } from "./extensions";
import { useFindings, useText } from "./policy-editor";

export interface JsonEditorProps {
  value: string;
  onChange: (text: string) => void;
  kind: PolicyKind;
  /** What useLint found: it is marked. */
  lint: Lint;
  readOnly?: boolean;
  accountId?: string;
}

/** The JSON view alone: beside a form that writes the document, say. */
const JsonEditor = forwardRef<BufferViewHandle, JsonEditorProps>(function JsonEditor(props, ref) {
  const { value, onChange, kind, lint, readOnly = false } = props;
  const m = useMessages(words);
  const helpId = useId();
  const { session } = useSession();
  const buffer = useBuffer(value, { kind, accountId: props.accountId ?? session.accountId, words: m, readOnly, helpId });
  const text = useText(buffer, value, onChange);
  useFindings(buffer, text, lint);
  return (
    <div style={colours}>
      <SpaceBetween size="xs">
        <BufferView ref={ref} buffer={buffer} />
        <Box id={helpId} fontSize="body-s" color="text-body-secondary">
          {m("editorHelp")}
        </Box>
      </SpaceBetween>
    </div>
  );
});

export default JsonEditor;
