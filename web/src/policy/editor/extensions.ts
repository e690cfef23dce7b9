/** What the JSON view is made of. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { EditorState, type Extension, type TransactionSpec } from "@codemirror/state";
import {
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  hoverTooltip,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import type { Texts } from "@/messages";
import type words from "@/messages/en/policy-editor";
import { read, type PolicyKind } from "../model/document";
import type { Finding, Severity } from "../model/findings";
import { fixOf } from "../model/fixes";
import type { Buffer } from "./buffer";
import { complete } from "./complete";
import { explain } from "./hover";
import { theme } from "./theme";

type Words = Texts<(typeof words)["messages"]>;

/** What may change while the view lives. */
export interface Settings {
  kind: PolicyKind;
  accountId: string;
  words: Words;
  readOnly: boolean;
  /** The element that says how to use the editor. */
  helpId: string;
}

/** nonce is the one with which this page's styles are allowed. */
const nonce = () => document.querySelector<HTMLElement>('meta[property="csp-nonce"], script[nonce]')?.nonce ?? "";

export const settings = (s: Settings): Extension => [
  EditorState.readOnly.of(s.readOnly),
  EditorView.contentAttributes.of({
    "aria-label": s.words("editorLabel"),
    "aria-describedby": s.helpId,
    // It takes the keyboard anyway; some tools look for this.
    tabindex: "0",
    autocapitalize: "off",
    spellcheck: "false",
  }),
  autocompletion({ override: [(at) => complete(at, s)], icons: false }),
  hoverTooltip(async (view, pos) => {
    const about = await explain(view.state, pos, s.words);
    if (!about) return null;
    return { pos: about.from, end: about.to, above: true, create: () => ({ dom: help(about.title, about.lines) }) };
  }),
];

function help(title: string, lines: string[]): HTMLElement {
  const dom = document.createElement("div");
  dom.className = "cm-policy-help";
  dom.append(Object.assign(document.createElement("strong"), { textContent: title }));
  for (const line of lines) dom.append(Object.assign(document.createElement("div"), { textContent: line }));
  return dom;
}

/** What stays as it is. The history is the buffer's. */
export const extensions = (buffer: Buffer): Extension => [
  // Carriage returns are text like any other.
  EditorState.lineSeparator.of("\n"),
  EditorView.cspNonce.of(nonce()),
  lintGutter(),
  lineNumbers(),
  foldGutter(),
  indentUnit.of(read(buffer.text).style.indent ?? "  "),
  EditorState.tabSize.of(2),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  EditorView.lineWrapping,
  EditorView.clipboardInputFilter.of((pasted) => pasted.replace(/\r\n?/g, "\n")),
  json(),
  theme,
  keymap.of([
    { key: "Mod-z", run: () => (buffer.undo(), true), preventDefault: true },
    { key: "Mod-y", mac: "Mod-Shift-z", run: () => (buffer.redo(), true), preventDefault: true },
    { linux: "Ctrl-Shift-z", run: () => (buffer.redo(), true), preventDefault: true },
    ...closeBracketsKeymap,
    ...completionKeymap,
    ...lintKeymap,
    ...defaultKeymap,
    ...foldKeymap,
    // Esc, then Tab, leaves: CodeMirror sees to that.
    indentWithTab,
  ]),
];

const severities: Record<Severity, Diagnostic["severity"]> = {
  error: "error",
  security: "warning",
  warning: "warning",
  suggestion: "info",
};

/** marks shows in a text what was found in it. */
export function marks(
  state: EditorState,
  buffer: Buffer,
  findings: readonly Finding[],
  fixLabel: (name: string, value: string) => string,
): TransactionSpec {
  const length = state.doc.length;
  const diagnostics = findings.flatMap((f) => {
    const fix = fixOf(buffer.text, f);
    return f.spans
      .filter((span) => span.to <= length)
      .map((span): Diagnostic => ({
        from: span.from,
        // A mark over all of a document says nothing about a place in it.
        to: span.to - span.from > 400 ? Math.min(span.from + 1, length) : span.to,
        severity: severities[f.severity],
        source: f.code,
        message: f.details,
        actions: fix ? [{ name: fixLabel(fix.name, fix.value), apply: () => buffer.write(fix.text) }] : [],
      }));
  });
  return setDiagnostics(
    state,
    diagnostics.toSorted((a, b) => a.from - b.from),
  );
}
