/** What the JSON view is made of. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  hoverTooltip,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { useEffect, useState } from "react";
import type { Texts } from "@/messages";
import type words from "@/messages/en/policy-editor";
import { fixOf } from "../model/fixes";
import type { Finding, Severity } from "../model/findings";
import type { PolicyKind } from "../model/document";
import { Buffer } from "./buffer";
import { complete } from "./complete";
import { explain } from "./hover";
import { theme } from "./theme";

type Words = Texts<(typeof words)["messages"]>;

/** What may change while a buffer lives. */
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

const settings = new Compartment();

const ofSettings = (s: Settings): Extension => [
  EditorState.readOnly.of(s.readOnly),
  EditorView.contentAttributes.of({
    "aria-label": s.words("editorLabel"),
    "aria-describedby": s.helpId,
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

/** newBuffer makes a buffer that can be shown as JSON. */
export function newBuffer(text: string, s: Settings): Buffer {
  return new Buffer(text, [
    EditorView.cspNonce.of(nonce()),
    lineNumbers(),
    lintGutter(),
    foldGutter(),
    history(),
    indentUnit.of("  "),
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
    settings.of(ofSettings(s)),
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...lintKeymap,
      ...defaultKeymap,
      ...historyKeymap,
      ...foldKeymap,
      // Esc, then Tab, leaves: CodeMirror sees to that.
      indentWithTab,
    ]),
  ]);
}

/** useBuffer makes a buffer once, and keeps its settings. */
export function useBuffer(text: string, s: Settings): Buffer {
  const [buffer] = useState(() => newBuffer(text, s));
  const { kind, accountId, words, readOnly, helpId } = s;
  useEffect(() => {
    buffer.dispatch({ effects: settings.reconfigure(ofSettings({ kind, accountId, words, readOnly, helpId })) });
  }, [buffer, kind, accountId, words, readOnly, helpId]);
  return buffer;
}

const severities: Record<Severity, Diagnostic["severity"]> = {
  error: "error",
  security: "warning",
  warning: "warning",
  suggestion: "info",
};

/** showFindings marks in a buffer what was found in its text. */
export function showFindings(buffer: Buffer, findings: readonly Finding[], fixLabel: (name: string, value: string) => string) {
  const length = buffer.state.doc.length;
  const diagnostics = findings.flatMap((f) => {
    const fix = fixOf(buffer.text, f);
    return f.spans
      .filter((span) => span.to <= length)
      .map((span): Diagnostic => ({
        // A mark over all of a document says nothing about a place in it.
        from: span.from,
        to: span.to - span.from > 400 ? Math.min(span.from + 1, length) : span.to,
        severity: severities[f.severity],
        source: f.code,
        message: f.details,
        actions: fix ? [{ name: fixLabel(fix.name, fix.value), apply: () => buffer.write(fix.text) }] : [],
      }));
  });
  buffer.dispatch(setDiagnostics(buffer.state, diagnostics.toSorted((a, b) => a.from - b.from)));
}
