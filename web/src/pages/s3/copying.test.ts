import { expect, test } from "vitest";
import { copyAll, copyFault, destination, rangesOf, targetOf, type Target } from "./copying";
import type { Entry } from "./listing";
import { sent } from "@/test/sent";

const object = (key: string, size = 1): Entry => ({
  kind: "object",
  key,
  name: key.slice(key.lastIndexOf("/") + 1),
  size,
  modified: undefined,
  storageClass: "",
});
const folder = (key: string): Entry => ({ kind: "folder", key, name: key });

test("a target is a folder of this bucket or another's address", () => {
  expect(targetOf("a/b", "own")).toEqual({ bucket: "own", prefix: "a/b/" });
  expect(targetOf("", "own")).toEqual({ bucket: "own", prefix: "" });
  expect(targetOf("s3://other/a b/", "own")).toEqual({ bucket: "other", prefix: "a b/" });
  expect(targetOf("s3://other", "own")).toEqual({ bucket: "other", prefix: "" });
});

test("a thing keeps its name unless it gets another, and a folder all that is below it", () => {
  const to: Target = { bucket: "b", prefix: "x/" };
  expect(destination(object("a/b.txt"), "a/b.txt", to)).toBe("x/b.txt");
  expect(destination(object("a/b.txt"), "a/b.txt", { ...to, name: "c.txt" })).toBe("x/c.txt");
  expect(destination(folder("a/d/"), "a/d/e/f", to)).toBe("x/d/e/f");
  expect(destination(folder("a/d/"), "a/d/e/f", { ...to, name: "g" })).toBe("x/g/e/f");
});

test("nothing is copied onto itself, where moving would delete it, nor a folder into itself", () => {
  expect(copyFault([object("a/b")], "b", targetOf("a/", "b"))).toBe("copySame");
  expect(copyFault([folder("a/d/")], "b", targetOf("a/", "b"))).toBe("copySame");
  expect(copyFault([folder("a/d/")], "b", targetOf("a/d/e/", "b"))).toBe("copyInside");
  expect(copyFault([object("a/b")], "b", targetOf("s3://other/a/", "b"))).toBeUndefined();
  expect(copyFault([object("a/b")], "b", targetOf("s3://other/a/../", "b"))).toBe("keyDots");
  expect(copyFault([object("a/b")], "b", { ...targetOf("a/", "b"), name: "c" })).toBeUndefined();
});

test("of a move each original goes when its copy is there, and one that is not copied stays", async () => {
  const { s3, calls } = sent({
    CopyObject: ({ CopySource }: { CopySource: string }) => {
      if (CopySource.endsWith("bad")) throw new Error("no");
      return {};
    },
    DeleteObjects: () => ({}),
  });
  const done: number[] = [];
  const run = copyAll(s3, "b", [object("a/ü"), object("a/bad")], targetOf("x/", "b"), {
    move: true,
    done: (n) => done.push(n),
  });
  await expect(run).rejects.toThrow("no");
  await new Promise((r) => setTimeout(r));
  expect(calls).toContainEqual(["CopyObject", { Bucket: "b", Key: "x/ü", CopySource: "b/a/%C3%BC" }]);
  expect(calls.filter(([name]) => name === "DeleteObjects")).toMatchObject([
    ["DeleteObjects", { Bucket: "b", Delete: { Objects: [{ Key: "a/ü" }] } }],
  ]);
  expect(done).toEqual([1]);
});

test("what one call cannot copy is copied in parts, which are dropped when one fails", async () => {
  const gibibyte = 1024 ** 3;
  expect(rangesOf(gibibyte + 1)).toEqual([`bytes=0-${gibibyte - 1}`, `bytes=${gibibyte}-${gibibyte}`]);
  const answers = {
    HeadObject: () => ({ ContentType: "text/plain", Metadata: { a: "b" }, ETag: "e" }),
    CreateMultipartUpload: () => ({ UploadId: "u" }),
    UploadPartCopy: ({ PartNumber }: { PartNumber: number }) => ({ CopyPartResult: { ETag: `e${PartNumber}` } }),
    CompleteMultipartUpload: () => ({}),
    AbortMultipartUpload: () => ({}),
  };
  const big = [object("k", 6 * gibibyte)];
  const well = sent(answers);
  await copyAll(well.s3, "b", big, targetOf("x/", "b"), { move: false, done: () => {} });
  expect(well.calls.map(([name]) => name)).toEqual([
    "HeadObject",
    "CreateMultipartUpload",
    ...Array.from({ length: 6 }, () => "UploadPartCopy"),
    "CompleteMultipartUpload",
  ]);
  expect(well.calls[1]?.[1]).toMatchObject({ ContentType: "text/plain", Metadata: { a: "b" } });
  const ill = sent({
    ...answers,
    UploadPartCopy: () => {
      throw new Error("no");
    },
  });
  await expect(copyAll(ill.s3, "b", big, targetOf("x/", "b"), { move: false, done: () => {} })).rejects.toThrow("no");
  expect(ill.calls.at(-1)?.[0]).toBe("AbortMultipartUpload");
});
