import { expect, test } from "vitest";
import { Gate } from "./gate";
import { bodyOf, partSizeOf } from "./transfer";
import type { TransferControl } from "./upload-queue";

const control = (): TransferControl & { abort: AbortController } => {
  const abort = new AbortController();
  return { gate: new Gate(), signal: abort.signal, sent: () => {}, abort };
};
const file = new Blob([Uint8Array.from({ length: 10 }, (_, i) => i)]);

test("parts are of 8 MiB, and larger where there would be more than 10,000", () => {
  const mebibyte = 1024 * 1024;
  expect(partSizeOf(0)).toBe(8 * mebibyte);
  expect(partSizeOf(80_000 * mebibyte)).toBe(8 * mebibyte);
  const size = 5 * mebibyte * mebibyte;
  expect(Math.ceil(size / partSizeOf(size))).toBeLessThanOrEqual(10_000);
});

test("a file is read a part at a time", async () => {
  const reader = bodyOf(file, 4, control()).getReader();
  const parts: number[][] = [];
  for (let read = await reader.read(); !read.done; read = await reader.read()) parts.push([...read.value]);
  expect(parts).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9],
  ]);
});

test("while it is paused no part is handed out", async () => {
  const c = control();
  const reader = bodyOf(file, 4, c).getReader();
  await reader.read();
  c.gate.close();
  let read = false;
  const next = reader.read().then(() => (read = true));
  await new Promise((r) => setTimeout(r, 20));
  expect(read).toBe(false);
  c.gate.open();
  await next;
  expect(read).toBe(true);
});

test("a body that is canceled ends with an error, paused or not: a part of a file is not the file", async () => {
  const c = control();
  const reader = bodyOf(file, 4, c).getReader();
  await reader.read();
  c.gate.close();
  const next = reader.read();
  c.abort.abort();
  c.gate.open();
  await expect(next).rejects.toMatchObject({ name: "AbortError" });
});
