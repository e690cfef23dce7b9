import { expect, test } from "vitest";
import { serviceError } from "@/test/render";
import { totalsOf, UploadQueue, type TransferControl, type UploadItem, type Wanted } from "./upload-queue";

const wanted = (key: string, size = 100): Wanted => ({ bucket: "b", key, file: new Blob([new Uint8Array(size)]) });

/** A queue whose transfers the test ends by hand. */
function setUp(atOnce = 2) {
  const calls: { key: string; control: TransferControl; end: () => void; fail: (error: Error) => void }[] = [];
  const settled: UploadItem[] = [];
  const queue = new UploadQueue(
    (_, { key }, control) =>
      new Promise<void>((end, fail) => {
        control.signal.addEventListener("abort", () => fail(new DOMException("aborted", "AbortError")));
        calls.push({ key, control, end, fail });
      }),
    (item) => settled.push(item),
    atOnce,
  );
  const states = () => queue.snapshot().map((item) => item.state);
  const tick = () => new Promise((r) => setTimeout(r));
  return { queue, calls, settled, states, tick };
}

test("some are sent at a time, and the next when one has arrived", async () => {
  const { queue, calls, settled, states, tick } = setUp();
  queue.add("me", [wanted("1"), wanted("2"), wanted("3")]);
  expect(states()).toEqual(["uploading", "uploading", "waiting"]);
  calls[0]?.control.sent(60);
  expect(totalsOf(queue.snapshot())).toMatchObject({ files: 3, bytes: 300, sent: 60, active: 3, done: 0 });
  calls[0]?.end();
  await tick();
  expect(states()).toEqual(["done", "uploading", "uploading"]);
  expect(settled.map((i) => [i.key, i.sent])).toEqual([["1", 100]]);
  expect(queue.busy).toBe(true);
});

test("one that fails says why, lets the next go on, and is sent anew when asked", async () => {
  const { queue, calls, states, tick } = setUp(1);
  queue.add("me", [wanted("1"), wanted("2")]);
  calls[0]?.control.sent(50);
  calls[0]?.fail(serviceError("AccessDenied", "no"));
  await tick();
  expect(states()).toEqual(["failed", "uploading"]);
  expect(queue.snapshot()[0]?.problem?.kind).toBe("denied");
  expect(totalsOf(queue.snapshot())).toMatchObject({ sent: 0, failed: 1 });
  calls[1]?.end();
  await tick();
  queue.retry(1);
  expect(states()).toEqual(["uploading", "done"]);
  expect(queue.snapshot()[0]).toMatchObject({ sent: 0, problem: undefined });
  calls[2]?.end();
  await tick();
  expect(states()).toEqual(["done", "done"]);
  expect(queue.busy).toBe(false);
});

test("what is paused sends nothing more, and others take its place", async () => {
  const { queue, calls, states, tick } = setUp(1);
  queue.add("me", [wanted("1"), wanted("2"), wanted("3")]);
  queue.pause(1);
  queue.pause(3);
  expect(states()).toEqual(["paused", "uploading", "paused"]);
  let passed = false;
  void calls[0]?.control.gate.passed().then(() => (passed = true));
  calls[0]?.control.sent(40); // a part that was on its way
  await tick();
  expect(passed).toBe(false);
  expect(queue.snapshot()[0]?.sent).toBe(40);
  queue.resume(1);
  await tick();
  expect(passed).toBe(true);
  queue.resume(3); // was never begun: it waits for its turn
  expect(states()).toEqual(["uploading", "uploading", "waiting"]);
  calls[0]?.end();
  calls[1]?.end();
  await tick();
  expect(states()).toEqual(["done", "done", "uploading"]);
});

test("canceling ends a transfer, paused or not, and it counts no more", async () => {
  const { queue, calls, settled, states, tick } = setUp();
  queue.add("me", [wanted("1"), wanted("2"), wanted("3")]);
  queue.pause(2);
  queue.cancel(1);
  queue.cancel(2);
  await tick();
  expect(states()).toEqual(["canceled", "canceled", "uploading"]);
  expect(calls[0]?.control.signal.aborted && calls[1]?.control.signal.aborted).toBe(true);
  expect(totalsOf(queue.snapshot())).toMatchObject({ files: 1, bytes: 100 });
  expect(settled.map((i) => i.state)).toEqual(["canceled", "canceled"]);
});

test("one that is begun anew is not disturbed by its first attempt", async () => {
  const { queue, calls, states, tick } = setUp();
  queue.add("me", [wanted("1")]);
  queue.cancel(1);
  queue.retry(1);
  calls[0]?.control.sent(99);
  await tick();
  expect(states()).toEqual(["uploading"]);
  expect(queue.snapshot()[0]?.sent).toBe(0);
});

test("clearing takes away what has ended, of the one who asks", async () => {
  const { queue, calls, tick } = setUp(3);
  queue.add("me", [wanted("1"), wanted("2")]);
  queue.add("other", [wanted("3")]);
  calls[0]?.end();
  calls[2]?.end();
  await tick();
  queue.clear("me");
  expect(queue.snapshot().map((i) => i.key)).toEqual(["2", "3"]);
});

test("listeners see another array after each change", () => {
  const { queue } = setUp();
  const seen: unknown[] = [];
  const stop = queue.subscribe(() => seen.push(queue.snapshot()));
  queue.add("me", [wanted("1")]);
  stop();
  queue.pause(1);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBeGreaterThan(0);
});
