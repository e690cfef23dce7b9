import { Annotation, Compartment, EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useImperativeHandle, useRef, useState, type Ref } from "react";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy";
import type { Lint } from "../lint/use-lint";
import type { Finding, Span } from "../model/findings";
import "../policy.css";
import type { Buffer } from "./buffer";
import { extensions, marks, settings, type Settings } from "./extensions";

export interface JsonViewHandle {
  /** Puts the cursor there, in sight. */
  goTo(span: Span): void;
}

export interface JsonViewProps extends Settings {
  buffer: Buffer;
  /** What was found in the buffer's text. */
  lint: Lint;
  /** Says where to go as soon as there is something to go in. */
  takeGoal?: () => Span | undefined;
  handle?: Ref<JsonViewHandle>;
}

/** Of what the view shows because the buffer changed: nobody typed it. */
const shown = Annotation.define<true>();

/** A buffer as JSON to be edited. */
export default function JsonView({ buffer, lint, takeGoal, handle, ...given }: JsonViewProps) {
  const p = useMessages(words);
  const element = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const [changing] = useState(() => new Compartment());
  const { kind, accountId, words: texts, readOnly, helpId } = given;

  useEffect(() => {
    if (!element.current) return;
    const made = new EditorView({
      state: EditorState.create({ doc: buffer.text, extensions: [extensions(buffer), changing.of([])] }),
      parent: element.current,
      dispatchTransactions(transactions, own) {
        own.update(transactions);
        if (transactions.some((t) => t.docChanged && !t.annotation(shown))) buffer.typed(own.state.doc.toString());
      },
    });
    view.current = made;
    const detach = buffer.attach({ show: (changes) => made.dispatch({ changes, annotations: shown.of(true) }) });
    const goal = takeGoal?.();
    if (goal) goTo(made, goal);
    return () => {
      detach();
      view.current = undefined;
      made.destroy();
    };
  }, [buffer, changing, takeGoal]);

  useEffect(() => {
    const effects = changing.reconfigure(settings({ kind, accountId, words: texts, readOnly, helpId }));
    view.current?.dispatch({ effects });
  }, [buffer, changing, kind, accountId, texts, readOnly, helpId]);

  const { fault, findings, checking } = lint;
  useEffect(() => {
    const own = view.current;
    // What was found in another text is shown where it has moved to, until there is something newer.
    if (!own || (checking && !fault)) return;
    const label = (name: string, value: string) => p(`fix_${name}` as "fix_replace", { value });
    const broken = fault && { ...noFinding, details: p(`fault_${fault.code}`, { about: fault.about }), spans: [fault] };
    own.dispatch(marks(own.state, buffer, broken ? [broken] : findings, label));
  }, [buffer, fault, findings, checking, p]);

  useImperativeHandle(handle, () => ({
    goTo(span) {
      if (view.current) goTo(view.current, span);
    },
  }));

  return <div className="policy-json" ref={element} />;
}

const noFinding: Finding = { code: "", severity: "error", details: "", learnMore: "", spans: [] };

function goTo(view: EditorView, { from, to }: Span) {
  const length = view.state.doc.length;
  view.dispatch({
    selection: { anchor: Math.min(from, length), head: Math.min(to, length) },
    effects: EditorView.scrollIntoView(Math.min(from, length), { y: "center" }),
  });
  view.focus();
}
