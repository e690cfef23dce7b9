import { EditorView } from "@codemirror/view";
import { forwardRef, useEffect, useImperativeHandle, useRef } from "react";
import type { Buffer } from "./buffer";

export interface BufferViewHandle {
  /** Puts the cursor there, in sight. */
  goTo(from: number, to?: number): void;
}

/** A buffer as JSON to be edited. */
export const BufferView = forwardRef<BufferViewHandle, { buffer: Buffer }>(function BufferView({ buffer }, ref) {
  const element = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);

  useEffect(() => {
    if (!element.current) return;
    const made = new EditorView({
      state: buffer.state,
      parent: element.current,
      dispatchTransactions(transactions, own) {
        own.update(transactions);
        buffer.took(own.state);
      },
    });
    view.current = made;
    const detach = buffer.attach(made);
    return () => {
      detach();
      view.current = undefined;
      made.destroy();
    };
  }, [buffer]);

  useImperativeHandle(ref, () => ({
    goTo(from, to = from) {
      const shown = view.current;
      if (!shown) return;
      const length = shown.state.doc.length;
      shown.dispatch({
        selection: { anchor: Math.min(from, length), head: Math.min(to, length) },
        effects: EditorView.scrollIntoView(Math.min(from, length), { y: "center" }),
      });
      shown.focus();
    },
  }));

  return <div className="policy-json" ref={element} />;
});
