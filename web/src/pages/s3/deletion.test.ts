import { expect, test } from "vitest";
import { deleteAll, deleteBatch, type Doomed } from "./deletion";
import { sent } from "@/test/sent";

interface Deleted {
  Delete: { Objects: { Key: string; VersionId?: string }[] };
}

const batches = (calls: [string, unknown][]) =>
  calls.filter(([name]) => name === "DeleteObjects").map(([, input]) => (input as Deleted).Delete.Objects);

test("a thousand go at a time, and it is told how many are gone", async () => {
  const { s3, calls } = sent({ DeleteObjects: () => ({}) });
  const keys = Array.from({ length: 2500 }, (_, i) => `k${i}`);
  const gone: number[] = [];
  await deleteAll(s3, "b", { keys, prefixes: [] }, { versions: false, gone: (n) => gone.push(n) });
  expect(batches(calls).map((b) => b.length)).toEqual([1000, 1000, 500]);
  expect(gone).toEqual([1000, 2000, 2500]);
});

test("all below a folder goes, over all pages", async () => {
  const { s3, calls } = sent({
    ListObjectsV2: ({ ContinuationToken }: { ContinuationToken?: string }) =>
      ContinuationToken === undefined
        ? { Contents: [{ Key: "f/a+b" }], NextContinuationToken: "t" }
        : { Contents: [{ Key: "f/c%2B" }] },
    DeleteObjects: () => ({}),
  });
  await deleteAll(s3, "b", { keys: [], prefixes: ["f/"] }, { versions: false, gone: () => {} });
  expect(
    batches(calls)
      .flat()
      .map((o) => o.Key),
  ).toEqual(["f/a b", "f/c+"]);
});

test("with versions, all of a key go, and none of a key that it begins", async () => {
  const { s3, calls } = sent({
    ListObjectVersions: ({ KeyMarker }: { KeyMarker?: string }) =>
      KeyMarker === undefined
        ? {
            Versions: [{ Key: "a", VersionId: "1" }],
            IsTruncated: true,
            NextKeyMarker: "a",
            NextVersionIdMarker: "1",
          }
        : {
            Versions: [{ Key: "ab", VersionId: "3" }],
            DeleteMarkers: [{ Key: "a", VersionId: "2" }],
            IsTruncated: true,
            NextKeyMarker: "ab",
            NextVersionIdMarker: "3",
          },
    DeleteObjects: () => ({}),
  });
  await deleteAll(s3, "b", { keys: ["a"], prefixes: [] }, { versions: true, gone: () => {} });
  expect(batches(calls).flat()).toEqual([
    { Key: "a", VersionId: "1" },
    { Key: "a", VersionId: "2" },
  ]);
  expect(calls.filter(([name]) => name === "ListObjectVersions")).toHaveLength(2);
});

test("what could not be deleted is an error of the kind it was", async () => {
  const { s3 } = sent({
    DeleteObjects: () => ({ Errors: [{ Key: "a", Code: "AccessDenied", Message: "may not" }] }),
  });
  await expect(deleteBatch(s3, "b", [{ key: "a" }])).rejects.toMatchObject({
    name: "AccessDenied",
    message: "may not",
  });
});

test("a key that XML cannot carry is deleted by itself", async () => {
  const { s3, calls } = sent({ DeleteObject: () => ({}), DeleteObjects: () => ({}) });
  const batch: Doomed[] = [{ key: "a\u0001", versionId: "v" }, { key: "b" }];
  await deleteBatch(s3, "b", batch);
  expect(calls[0]).toEqual(["DeleteObject", { Bucket: "b", Key: "a\u0001", VersionId: "v" }]);
  expect(batches(calls).flat()).toEqual([{ Key: "b", VersionId: undefined }]);
});
