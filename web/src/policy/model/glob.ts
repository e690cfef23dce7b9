/** matches reports whether a pattern with * and ? covers a text, in any case. */
export function matches(pattern: string, text: string): boolean {
  const p = pattern.toLowerCase();
  const t = text.toLowerCase();
  let i = 0;
  let j = 0;
  let star = -1;
  let resume = 0;
  while (j < t.length) {
    if (p[i] === "*") {
      star = i++;
      resume = j;
    } else if (i < p.length && (p[i] === "?" || p[i] === t[j])) {
      i++;
      j++;
    } else if (star >= 0) {
      i = star + 1;
      j = ++resume;
    } else {
      return false;
    }
  }
  while (p[i] === "*") i++;
  return i === p.length;
}

/** isPattern reports whether a text has a wildcard in it. */
export const isPattern = (text: string) => /[*?]/.test(text);

/** intersects reports whether some text is covered by both patterns. */
export function intersects(one: string, other: string): boolean {
  const a = one.toLowerCase();
  const b = other.toLowerCase();
  const seen = new Set<number>();
  const meet = (i: number, j: number): boolean => {
    const id = i * (b.length + 1) + j;
    if (seen.has(id)) return false;
    seen.add(id);
    if (i === a.length && j === b.length) return true;
    if (a[i] === "*" && (meet(i + 1, j) || (j < b.length && meet(i, j + 1)))) return true;
    if (b[j] === "*" && (meet(i, j + 1) || (i < a.length && meet(i + 1, j)))) return true;
    if (i === a.length || j === b.length || a[i] === "*" || b[j] === "*") return false;
    return (a[i] === b[j] || a[i] === "?" || b[j] === "?") && meet(i + 1, j + 1);
  };
  return meet(0, 0);
}
