/**
 * The text that an editor works on, with its history. The visual view and the JSON view show the same buffer, so that
 * what one of them did the other can undo.
 */
import { isolateHistory, redo, redoDepth, undo, undoDepth } from "@codemirror/commands";
import { EditorState, type Extension, type Transaction, type TransactionSpec } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { change } from "../model/edit";

export class Buffer {
  state: EditorState;
  private view: EditorView | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(text: string, extensions: Extension) {
    // Carriage returns are text like any other: the bytes that came in are those that go out.
    this.state = EditorState.create({ doc: text, extensions: [EditorState.lineSeparator.of("\n"), extensions] });
  }

  get text(): string {
    return this.state.doc.toString();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): EditorState => this.state;

  /** attach lets a view show the buffer, until it is detached. */
  attach(view: EditorView): () => void {
    this.view = view;
    return () => {
      if (this.view === view) this.view = undefined;
    };
  }

  /** took is told of what a view did. */
  took(state: EditorState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }

  dispatch(spec: TransactionSpec | Transaction): void {
    if (this.view) {
      this.view.dispatch(spec as Transaction);
      return;
    }
    const transaction = "startState" in spec ? (spec as Transaction) : this.state.update(spec as TransactionSpec);
    this.took(transaction.state);
  }

  /** write makes the text another one, in the smallest change: one step of the history. */
  write(text: string): void {
    const changes = change(this.text, text);
    if (changes) this.dispatch({ changes, annotations: isolateHistory.of("full"), userEvent: "input.write" });
  }

  undo(): void {
    undo({ state: this.state, dispatch: (transaction) => this.dispatch(transaction) });
  }

  redo(): void {
    redo({ state: this.state, dispatch: (transaction) => this.dispatch(transaction) });
  }

  get canUndo(): boolean {
    return undoDepth(this.state) > 0;
  }

  get canRedo(): boolean {
    return redoDepth(this.state) > 0;
  }
}
