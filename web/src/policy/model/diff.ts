/** Differences between two texts, line by line. */

export interface Line {
  kind: "same" | "removed" | "added";
  text: string;
  /** Its number in the old text and in the new one. */
  before?: number;
  after?: number;
}

/** With more changes than this the middle is shown as replaced: the search for the least takes their square. */
const most = 800;

/** diffLines returns the least that turns one text into the other, what is removed before what is added. */
export function diffLines(before: string, after: string): Line[] {
  const a = before.split("\n");
  const b = after.split("\n");
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const kept = common(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  const lines: Line[] = [];
  const same = (i: number, j: number) => lines.push({ kind: "same", text: a[i]!, before: i + 1, after: j + 1 });
  for (let i = 0; i < head; i++) same(i, i);
  let i = head;
  let j = head;
  for (const [x, y] of [
    ...kept.map(([x, y]) => [x + head, y + head] as const),
    [a.length - tail, b.length - tail] as const,
  ]) {
    while (i < x) lines.push({ kind: "removed", text: a[i]!, before: ++i });
    while (j < y) lines.push({ kind: "added", text: b[j]!, after: ++j });
    if (x < a.length - tail) same(i++, j++);
  }
  for (; i < a.length; i++, j++) same(i, j);
  return lines;
}

/** common returns the pairs of lines that a longest common part consists of (Myers). */
function common(a: string[], b: string[]): [number, number][] {
  const furthest: Map<number, number>[] = [];
  let v = new Map([[1, 0]]);
  for (let d = 0; d <= Math.min(a.length + b.length, most); d++) {
    furthest.push(new Map(v));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1));
      let x = down ? (v.get(k + 1) ?? 0) : (v.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      v.set(k, x);
      if (x >= a.length && x - k >= b.length) return backtrack(furthest, a, b);
    }
    v = new Map(v);
  }
  return [];
}

function backtrack(furthest: Map<number, number>[], a: string[], b: string[]): [number, number][] {
  const pairs: [number, number][] = [];
  let x = a.length;
  let y = b.length;
  for (let d = furthest.length - 1; d >= 0; d--) {
    const v = furthest[d]!;
    const k = x - y;
    const down = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1));
    const previous = down ? k + 1 : k - 1;
    const px = d === 0 ? 0 : (v.get(previous) ?? 0);
    const py = d === 0 ? 0 : px - previous;
    while (x > px && y > py && x > 0 && y > 0) {
      if (a[x - 1] !== b[y - 1]) break;
      pairs.unshift([--x, --y]);
    }
    x = px;
    y = py;
  }
  return pairs;
}

/** A part of a difference: lines to show, or a number of lines that are the same on both sides. */
export type Hunk = { lines: Line[] } | { hidden: Line[] };

/** hunksOf leaves out what is the same but for some lines around each change. */
export function hunksOf(lines: readonly Line[], around = 3): Hunk[] {
  const near = lines.map((_, i) => lines.slice(Math.max(0, i - around), i + around + 1).some((l) => l.kind !== "same"));
  const hunks: Hunk[] = [];
  for (let i = 0; i < lines.length;) {
    const shown = near[i]!;
    let to = i;
    while (to < lines.length && near[to] === shown) to++;
    const part = lines.slice(i, to);
    hunks.push(shown ? { lines: part } : { hidden: part });
    i = to;
  }
  return hunks;
}
