/**
 * The text that an editor works on, with its history. The visual view and the JSON view show the same buffer, so that
 * what one of them did the other can undo. It is plain text: the bytes that came in are those that go out.
 */
import { apply, change, type Change } from "../model/edit";

/** Shows a buffer, and types into it. */
export interface BufferShower {
  /** The text has changed by something else than this. */
  show(change: Change): void;
}

interface Step {
  undo: Change;
  redo: Change;
  /** When it was typed; absent of what was not typed. */
  typed?: number;
}

/** What is typed with pauses shorter than this is undone together. */
const pause = 500;
/** Steps that are kept. */
const most = 500;

export class Buffer {
  private past: Step[] = [];
  private future: Step[] = [];
  private shower: BufferShower | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    private current: string,
    private readonly now = () => performance.now(),
  ) {}

  get text(): string {
    return this.current;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): string => this.current;

  /** attach lets something show the buffer until it is detached. */
  attach(shower: BufferShower): () => void {
    this.shower = shower;
    return () => {
      if (this.shower === shower) this.shower = undefined;
    };
  }

  /** write makes the text another one: one step of the history. */
  write(text: string): void {
    const redo = change(this.current, text);
    if (!redo) return;
    this.record({ redo, undo: inverse(this.current, redo) });
    this.become(text, redo);
  }

  /** typed is told what was written where the buffer is shown. */
  typed(text: string): void {
    const redo = change(this.current, text);
    if (!redo) return;
    const step = { redo, undo: inverse(this.current, redo), typed: this.now() };
    const last = this.past.at(-1);
    if (last?.typed !== undefined && step.typed - last.typed < pause && follows(last, step)) {
      this.past.pop();
      this.record(joined(last, step));
    } else {
      this.record(step);
    }
    this.become(text);
  }

  undo(): void {
    const step = this.past.pop();
    if (!step) return;
    this.future.push(step);
    this.become(apply(this.current, step.undo), step.undo);
  }

  redo(): void {
    const step = this.future.pop();
    if (!step) return;
    this.past.push({ ...step, typed: undefined });
    this.become(apply(this.current, step.redo), step.redo);
  }

  private record(step: Step): void {
    this.past = [...this.past, step].slice(-most);
    this.future = [];
  }

  private become(text: string, by?: Change): void {
    this.current = text;
    if (by) this.shower?.show(by);
    for (const listener of this.listeners) listener();
  }
}

/** inverse undoes a change of a text. */
const inverse = (text: string, { from, to, insert }: Change): Change => ({
  from,
  to: from + insert.length,
  insert: text.slice(from, to),
});

/** follows reports whether one step goes on where the other ended: letters after letters, or deletions before deletions. */
function follows({ redo: a }: Step, { redo: b }: Step): boolean {
  if (b.insert.includes("\n")) return false;
  const typing = a.from === a.to && b.from === b.to && b.from === a.from + a.insert.length;
  const deleting = a.insert === "" && b.insert === "" && b.to === a.from;
  return typing || deleting;
}

function joined(a: Step, b: Step): Step {
  const typing = b.redo.insert !== "";
  return typing
    ? {
        redo: { ...a.redo, insert: a.redo.insert + b.redo.insert },
        undo: { ...a.undo, to: b.undo.to },
        typed: b.typed,
      }
    : {
        redo: { from: b.redo.from, to: a.redo.to, insert: "" },
        undo: { from: b.undo.from, to: b.undo.from, insert: b.undo.insert + a.undo.insert },
        typed: b.typed,
      };
}
