import { expect, test } from "vitest";
import {
  attachment,
  bucketFault,
  copySource,
  decodeKey,
  folderFault,
  folderOf,
  folderPath,
  foldersOf,
  isOutsideUrl,
  isOutsideXml,
  nameOf,
  objectPath,
  placeOf,
} from "./keys";

test("a key has a name and lies in folders", () => {
  expect(nameOf("a/b/c.txt")).toBe("c.txt");
  expect(nameOf("a/b/")).toBe("b/");
  expect(nameOf("c.txt")).toBe("c.txt");
  expect(folderOf("a/b/c.txt")).toBe("a/b/");
  expect(folderOf("a/b/")).toBe("a/");
  expect(folderOf("c.txt")).toBe("");
  expect(foldersOf("a//b/")).toEqual([
    { prefix: "a/", name: "a" },
    { prefix: "a//", name: "" },
    { prefix: "a//b/", name: "b" },
  ]);
});

const odd = [
  "a",
  "a/b",
  "a/b/",
  "a b+ü/ç?#&=.txt",
  "100%/x",
  "%2F/x",
  "/a",
  "//",
  "a//b",
  "../x",
  "a/./b",
  "a/..",
  "\\a",
  "\u0001",
  " ",
];

/** What a router gives to the page of an address. */
function opened(address: string) {
  const url = new URL(`http://host${address}`);
  const rest = url.pathname.replace(/^\/s3\/[^/]+\/?/, "");
  return placeOf(rest.split("/").map(decodeURIComponent).join("/"), url.searchParams);
}

test.each(odd)("the address of %j leads to it", (key) => {
  expect(opened(objectPath("bucket", key))).toEqual({ object: key });
  expect(opened(folderPath("bucket", `${key}/`))).toEqual({ prefix: `${key}/` });
});

test("a bucket's own address is its root, and a key that ends with a slash has a page of its own", () => {
  expect(opened(folderPath("bucket", ""))).toEqual({ prefix: "" });
  expect(opened(objectPath("bucket", "a/"))).toEqual({ object: "a/" });
  expect(folderPath("bucket", "a b/")).toBe("/s3/bucket/a%20b/");
});

test("keys of answers are decoded as they were encoded", () => {
  expect(decodeKey("a+b%2Bc/%C3%BC%01")).toBe("a b+c/ü\u0001");
  expect(decodeKey("%zz")).toBe("%zz"); // of a server that does not encode
});

test("the source of a copy is a URL", () => {
  expect(copySource("bucket", "a b/ü?.txt")).toBe("bucket/a%20b/%C3%BC%3F.txt");
  expect(copySource("bucket", "k", "v+1")).toBe("bucket/k?versionId=v%2B1");
});

test("a download has the name of its object, whatever is in it", () => {
  expect(attachment("a/b.txt")).toBe(`attachment; filename="b.txt"; filename*=UTF-8''b.txt`);
  expect(attachment(`ü"\r\n;'.txt`)).toBe(
    `attachment; filename="____;'.txt"; filename*=UTF-8''%C3%BC%22%0D%0A%3B%27.txt`,
  );
  expect(attachment("folder/")).toContain('filename="folder"');
});

test("keys that XML cannot carry are known", () => {
  expect(isOutsideXml("a\u0001")).toBe(true);
  expect(isOutsideXml("a\tb\nü")).toBe(false);
});

test("keys that a browser's address cannot carry are known", () => {
  expect(["a/../b", "..", "./a", "a/."].every(isOutsideUrl)).toBe(true);
  expect(["a..b/c", ".a/b.", "%2e/a", "//"].some(isOutsideUrl)).toBe(false);
});

test.each([
  ["my-bucket.1", undefined],
  ["ab", "bucketShort"],
  ["a".repeat(64), "bucketLong"],
  ["My", "bucketCharacters"],
  ["a_b", "bucketCharacters"],
  ["-abc", "bucketEnds"],
  ["abc-", "bucketEnds"],
  ["a..b", "bucketDots"],
  ["a.-b", "bucketDots"],
  ["10.0.0.1", "bucketAddress"],
  ["xn--abc", "bucketReserved"],
  ["abc--x-s3", "bucketReserved"],
  ["federation", "bucketReserved"],
])("the name %s of a bucket: %s", (name, fault) => {
  expect(bucketFault(name)).toBe(fault);
});

test("a folder has a name that programs take for one", () => {
  expect(folderFault("a/", "b c")).toBeUndefined();
  expect(folderFault("", "")).toBe("keyEmpty");
  expect(folderFault("", "..")).toBe("keyDots");
  expect(folderFault("", "a/b")).toBe("keySlash");
  expect(folderFault("", "ü".repeat(511))).toBeUndefined(); // with its slash, 1,023 bytes
  expect(folderFault("", "ü".repeat(512))).toBe("keyLong");
});
