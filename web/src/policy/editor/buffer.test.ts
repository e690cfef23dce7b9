import fc from "fast-check";
import { expect, it } from "vitest";
import { apply } from "../model/edit";
import { Buffer } from "./buffer";

it("goes back and forth over whatever was done, and shows it", () => {
  const acts = fc.array(
    fc.oneof(
      fc.record({
        act: fc.constantFrom("write", "typed", "append", "chop"),
        text: fc.string({ maxLength: 6 }),
        wait: fc.nat(900),
      }),
      fc.record({ act: fc.constantFrom("undo", "redo"), text: fc.constant(""), wait: fc.nat(900) }),
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(fc.string(), acts, (start, all) => {
      let time = 0;
      const buffer = new Buffer(start, () => time);
      let shown = start;
      buffer.attach({ show: (c) => (shown = apply(shown, c)) });
      for (const { act, text, wait } of all) {
        time += wait;
        const typed = act === "append" ? buffer.text + text : act === "chop" ? buffer.text.slice(0, -1) : text;
        if (act === "undo") buffer.undo();
        else if (act === "redo") buffer.redo();
        else if (act === "write") buffer.write(text);
        else {
          // Who types sees it already.
          shown = typed;
          buffer.typed(typed);
        }
        expect(shown).toBe(buffer.text);
      }
      const end = buffer.text;
      while (buffer.canRedo) buffer.redo();
      const last = buffer.text;
      let steps = 0;
      while (buffer.canUndo) {
        buffer.undo();
        steps++;
      }
      expect(buffer.text).toBe(start);
      for (let i = 0; i < steps; i++) buffer.redo();
      expect(buffer.text).toBe(last);
      expect(typeof end).toBe("string");
    }),
  );
});

it("undoes together what was typed without a pause", () => {
  let time = 0;
  const buffer = new Buffer("x", () => time);
  for (const text of ["xa", "xab", "xabc"]) buffer.typed(text);
  time += 600;
  buffer.typed("xabcd");
  buffer.typed("xabc");
  buffer.undo();
  buffer.undo();
  expect(buffer.text).toBe("xabc");
  buffer.undo();
  expect(buffer.text).toBe("x");
  expect(buffer.canUndo).toBe(false);
  buffer.redo();
  expect(buffer.text).toBe("xabc");
  buffer.write("other");
  expect(buffer.canRedo).toBe(false);
});

it("tells those who listen, and nobody when nothing changed", () => {
  const buffer = new Buffer("x");
  let told = 0;
  const stop = buffer.subscribe(() => told++);
  buffer.write("x");
  expect(told).toBe(0);
  buffer.write("y");
  expect(told).toBe(1);
  stop();
  buffer.write("z");
  expect(told).toBe(1);
});
