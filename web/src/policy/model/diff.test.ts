import fc from "fast-check";
import { expect, it } from "vitest";
import { diffLines, hunksOf } from "./diff";

const texts = fc.array(fc.constantFrom("a", "b", "c", "{", "}"), { maxLength: 30 }).map((lines) => lines.join("\n"));

it("turns one text into the other", () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const lines = diffLines(before, after);
      expect(
        lines
          .filter((l) => l.kind !== "added")
          .map((l) => l.text)
          .join("\n"),
      ).toBe(before);
      expect(
        lines
          .filter((l) => l.kind !== "removed")
          .map((l) => l.text)
          .join("\n"),
      ).toBe(after);
      lines.forEach((l) => {
        if (l.before !== undefined) expect(before.split("\n")[l.before - 1]).toBe(l.text);
        if (l.after !== undefined) expect(after.split("\n")[l.after - 1]).toBe(l.text);
      });
    }),
    { numRuns: 2000 },
  );
});

/** The length of a longest common part, found the plain way. */
function longest(a: string[], b: string[]): number {
  const row = Array.from({ length: a.length + 1 }, () => Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      row[i]![j] = a[i - 1] === b[j - 1] ? row[i - 1]![j - 1]! + 1 : Math.max(row[i - 1]![j]!, row[i]![j - 1]!);
    }
  }
  return row[a.length]![b.length]!;
}

it("changes no more than it must", () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const same = diffLines(before, after).filter((l) => l.kind === "same").length;
      expect(same).toBe(longest(before.split("\n"), after.split("\n")));
    }),
    { numRuns: 1000 },
  );
});

it("shows some lines around each change", () => {
  const before = Array.from({ length: 30 }, (_, i) => String(i)).join("\n");
  const hunks = hunksOf(diffLines(before, before.replace("\n15\n", "\nx\n")));
  expect(hunks.map((h) => ("lines" in h ? h.lines.length : -h.hidden.length))).toEqual([-12, 8, -11]);
  expect(hunksOf(diffLines("a", "a"))).toEqual([{ hidden: [{ kind: "same", text: "a", before: 1, after: 1 }] }]);
});

it("takes texts that have nothing in common", () => {
  const many = (c: string) => Array.from({ length: 3000 }, (_, i) => c + i).join("\n");
  const lines = diffLines(many("a"), many("b"));
  expect(lines.filter((l) => l.kind === "removed")).toHaveLength(3000);
  expect(lines.findIndex((l) => l.kind === "added")).toBe(3000);
});
