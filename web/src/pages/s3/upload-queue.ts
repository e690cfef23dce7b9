/** Files that are uploaded, one after another and some at a time. It knows neither S3 nor pages. */
import { problemOf, type Problem } from "@/aws";
import { Gate } from "./gate";

export type UploadState = "waiting" | "uploading" | "paused" | "done" | "failed" | "canceled";

export interface UploadItem {
  id: number;
  /** The ARN of who uploads: nobody else sees it. */
  owner: string;
  bucket: string;
  key: string;
  size: number;
  /** Bytes that the server has. */
  sent: number;
  state: UploadState;
  problem?: Problem;
}

/** What is to be uploaded. */
export interface Wanted {
  bucket: string;
  key: string;
  file: Blob;
}

export interface TransferControl {
  /** Closed while the upload is paused. */
  gate: Gate;
  /** Aborted when it is canceled. */
  signal: AbortSignal;
  sent: (bytes: number) => void;
}

/** Uploads one file on behalf of its owner. */
export type Transfer = (owner: string, wanted: Wanted, control: TransferControl) => Promise<void>;

interface Running {
  wanted: Wanted;
  gate: Gate;
  abort: AbortController;
  /** Started and not ended, though it may be paused. */
  started: boolean;
}

/** Files at a time: each of them sends several parts at a time. */
const filesAtOnce = 3;

const ended: ReadonlySet<UploadState> = new Set(["done", "failed", "canceled"]);

export class UploadQueue {
  private items: readonly UploadItem[] = [];
  private readonly running = new Map<number, Running>();
  private readonly listeners = new Set<() => void>();
  private last = 0;

  constructor(
    private readonly transfer: Transfer,
    /** Is told of each file that has arrived, or is no longer wanted. */
    private readonly settled: (item: UploadItem) => void = () => {},
    private readonly atOnce = filesAtOnce,
  ) {}

  /** For useSyncExternalStore: another array after each change. */
  readonly snapshot = (): readonly UploadItem[] => this.items;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Whether something would be lost if the page were closed. */
  get busy(): boolean {
    return this.items.some((item) => !ended.has(item.state));
  }

  add(owner: string, wanted: Wanted[]): void {
    const added = wanted.map((w): UploadItem => {
      const id = ++this.last;
      this.running.set(id, { wanted: w, gate: new Gate(), abort: new AbortController(), started: false });
      return { id, owner, bucket: w.bucket, key: w.key, size: w.file.size, sent: 0, state: "waiting" };
    });
    this.set([...this.items, ...added]);
    this.next();
  }

  /** What is on its way arrives; nothing more is sent until resume. */
  pause(id: number): void {
    if (!this.is(id, "waiting", "uploading")) return;
    this.running.get(id)?.gate.close();
    this.change(id, { state: "paused" });
    this.next();
  }

  resume(id: number): void {
    if (!this.is(id, "paused")) return;
    const running = this.running.get(id);
    running?.gate.open();
    this.change(id, { state: running?.started ? "uploading" : "waiting" });
    this.next();
  }

  /** Ends an upload; of what was sent nothing stays. */
  cancel(id: number): void {
    if (!this.is(id, "waiting", "uploading", "paused")) return;
    const running = this.running.get(id);
    this.change(id, { state: "canceled" });
    running?.abort.abort();
    running?.gate.open(); // whoever waits there is to see that it is over
    this.next();
  }

  /** Uploads anew, from the beginning. */
  retry(id: number): void {
    const running = this.running.get(id);
    if (!running || !this.is(id, "failed", "canceled")) return;
    this.running.set(id, { ...running, gate: new Gate(), abort: new AbortController(), started: false });
    this.change(id, { state: "waiting", sent: 0, problem: undefined });
    this.next();
  }

  /** Forgets an owner's uploads that have ended. */
  clear(owner: string): void {
    const goes = (item: UploadItem) => item.owner === owner && ended.has(item.state);
    for (const item of this.items.filter(goes)) this.running.delete(item.id);
    this.set(this.items.filter((item) => !goes(item)));
  }

  private next(): void {
    let free = this.atOnce - this.items.filter((item) => item.state === "uploading").length;
    for (const item of this.items) {
      if (free <= 0) return;
      if (item.state !== "waiting") continue;
      free--;
      void this.run(item.id);
    }
  }

  private async run(id: number): Promise<void> {
    const item = this.find(id);
    const running = this.running.get(id);
    if (!item || !running) return;
    running.started = true;
    this.change(id, { state: "uploading" });
    // A transfer that was canceled and tried again says nothing more about the new one.
    const current = () => this.running.get(id) === running;
    try {
      await this.transfer(item.owner, running.wanted, {
        gate: running.gate,
        signal: running.abort.signal,
        sent: (bytes) => {
          if (current() && this.is(id, "uploading", "paused")) this.change(id, { sent: Math.min(bytes, item.size) });
        },
      });
      // It may have been canceled when the last byte was there already: then it is there.
      if (current()) this.change(id, { state: "done", sent: item.size });
    } catch (error) {
      if (current() && !this.is(id, "canceled")) this.change(id, { state: "failed", problem: problemOf(error) });
    }
    const now = this.find(id);
    if (current() && now) this.settled(now);
    this.next();
  }

  private find(id: number): UploadItem | undefined {
    return this.items.find((item) => item.id === id);
  }

  private is(id: number, ...states: UploadState[]): boolean {
    const item = this.find(id);
    return item !== undefined && states.includes(item.state);
  }

  private change(id: number, part: Partial<UploadItem>): void {
    this.set(this.items.map((item) => (item.id === id ? { ...item, ...part } : item)));
  }

  private set(items: readonly UploadItem[]): void {
    this.items = items;
    for (const listener of this.listeners) listener();
  }
}

export interface Totals {
  files: number;
  done: number;
  failed: number;
  active: number;
  paused: number;
  bytes: number;
  sent: number;
}

/** Counts what is uploaded; what was canceled is not wanted any more, so it counts nowhere. */
export function totalsOf(items: readonly UploadItem[]): Totals {
  const totals: Totals = { files: 0, done: 0, failed: 0, active: 0, paused: 0, bytes: 0, sent: 0 };
  for (const item of items) {
    if (item.state === "canceled") continue;
    totals.files++;
    totals.bytes += item.size;
    totals.sent += item.state === "failed" ? 0 : item.sent;
    if (item.state === "done") totals.done++;
    else if (item.state === "failed") totals.failed++;
    else if (item.state === "paused") totals.paused++;
    else totals.active++;
  }
  return totals;
}
