/** Lets through or makes wait. */
export class Gate {
  private waiting: (() => void)[] = [];
  private closed = false;

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.closed = false;
    const released = this.waiting;
    this.waiting = [];
    for (const release of released) release();
  }

  async passed(): Promise<void> {
    while (this.closed) await new Promise<void>((release) => this.waiting.push(release));
  }
}
