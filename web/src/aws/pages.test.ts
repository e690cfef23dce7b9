import { expect, test, vi } from "vitest";
import { enough, pagesOf, readAll, readUpTo, type Page } from "./pages";

/** A list of so many numbers in pages of 100. */
const list = (length: number) =>
  vi.fn(async (from: string | undefined): Promise<Page<number>> => {
    const begin = Number(from ?? 0);
    const end = Math.min(begin + 100, length);
    return {
      items: Array.from({ length: end - begin }, (_, i) => begin + i),
      next: end < length ? String(end) : undefined,
    };
  });

test("a list is read until it ends", async () => {
  const { items, next } = await readUpTo(list(250));
  expect(items).toHaveLength(250);
  expect(next).toBeUndefined();
});

test("a long list is read up to 1,000 rows, and from there when more are wanted", async () => {
  const read = list(2350);
  const first = await readUpTo(read);
  expect(first.items).toHaveLength(enough);
  expect(read).toHaveBeenCalledTimes(10);
  const second = await readUpTo(read, first.next);
  expect(second.items[0]).toBe(1000);
  const third = await readUpTo(read, second.next);
  expect(third.items).toHaveLength(350);
  expect(third.next).toBeUndefined();
});

test("a list that ends at exactly 1,000 has no more", async () => {
  expect((await readUpTo(list(1000))).next).toBeUndefined();
});

test("a whole list is read where all of it counts", async () => {
  expect(await readAll(list(2350))).toHaveLength(2350);
});

test("empty pages are passed over", async () => {
  const read = async (from: string | undefined): Promise<Page<number>> =>
    from === undefined ? { items: [], next: "1" } : { items: [1] };
  expect(await readAll(read)).toEqual([1]);
});

test("a list that hands out the same marker again is not read forever", async () => {
  const read = async (): Promise<Page<number>> => ({ items: [1], next: "same" });
  await expect(readAll(read)).rejects.toThrow("repeats its marker");
});

test("reading stops when nobody wants it any more", async () => {
  const stop = new AbortController();
  const pages = pagesOf(list(500), undefined, stop.signal);
  await pages.next();
  stop.abort();
  await expect(pages.next()).rejects.toThrow();
});
