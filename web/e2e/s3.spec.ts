/** Buckets and objects: what the pages of S3 do in a browser with the server's own store. */
import type { Page } from "@playwright/test";
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
} from "@aws-sdk/client-s3";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import {
  type Account,
  allow,
  document,
  expect,
  expectNoAxeViolations,
  expectNoSidewaysScroll,
  open,
  signIn,
  test,
  unique,
} from "./harness";

const may = [allow("s3:*")];

async function stored(account: Account, Bucket: string, Key: string): Promise<Buffer> {
  const { Body } = await account.s3.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

async function keysOf(account: Account, Bucket: string): Promise<string[]> {
  const { Contents } = await account.s3.send(new ListObjectsV2Command({ Bucket }));
  return (Contents ?? []).map((o) => o.Key ?? "");
}

/** Chooses files as a person does with the button. */
async function upload(
  page: Page,
  ...files: string[] | { name: string; mimeType: string; buffer: Buffer }[]
): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Upload files" }).click();
  await (await chooser).setFiles(files);
}

/** Selection is in the address: it is there when the router says so. */
async function select(page: Page, key: string): Promise<void> {
  const box = page.getByRole("checkbox", { name: `Select ${key}`, exact: true });
  await box.click({ force: true });
  await expect(box).toBeChecked();
}

test("a bucket is made, a large file goes up in parts and comes back the same, and both are deleted", async ({
  page,
  world,
}, info) => {
  test.slow(); // it hashes 20 MB several times, as http wants
  const alice = await world.dev.user({ may });
  const session = await signIn(page, alice);
  await open(page, session, "/s3");
  const bucket = unique("made");

  await page.getByRole("button", { name: "Create bucket" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Bucket name").fill("Not Allowed");
  await expect(dialog.getByText("A name has lower-case letters")).toBeVisible();
  await dialog.getByLabel("Bucket name").fill(bucket);
  await expect(dialog.getByText("A name has lower-case letters")).toBeHidden();
  await expectNoAxeViolations(page);
  await dialog.getByRole("button", { name: "Create bucket" }).click();
  await expect(page.getByRole("heading", { name: bucket, level: 1 })).toBeVisible();
  await expect(page.getByText("Nothing here")).toBeVisible();
  await expectNoAxeViolations(page);

  const bytes = randomBytes(20_000_000);
  const name = "a b+ü.bin";
  const file = info.outputPath(name);
  await writeFile(file, bytes);
  const parts: string[] = [];
  page.on("request", (r) => {
    const part = new URL(r.url()).searchParams.get("partNumber");
    if (part) parts.push(part);
  });
  await upload(page, file);
  await expect(page.getByText("1 file is uploaded, 0 failed").first()).toBeVisible({ timeout: 60_000 });
  expect(parts.toSorted()).toEqual(["1", "2", "3"]);
  expect((await stored(world.dev, bucket, name)).equals(bytes)).toBe(true);
  await expectNoAxeViolations(page);

  await select(page, name);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download", exact: true }).click();
  const download = await saving;
  expect(download.suggestedFilename()).toBe(name);
  expect((await readFile(await download.path())).equals(bytes)).toBe(true);
  expect(new URL(download.url()).searchParams.get("X-Amz-Expires")).toBe("60");

  await page.getByRole("button", { name: "Delete bucket" }).click();
  const confirm = page.getByRole("dialog");
  await expect(confirm.getByText("The bucket is not empty.")).toBeVisible();
  await confirm.getByLabel("Empty it first").check();
  await confirm.getByLabel(`Type ${bucket} to confirm`).fill(bucket);
  await expectNoAxeViolations(page);
  await confirm.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText(`Bucket ${bucket} is deleted.`)).toBeVisible();
  await expect(page.getByRole("heading", { name: "Buckets", level: 1 })).toBeVisible();
});

test("keys are seen as folders, whatever is in their names", async ({ page, world }) => {
  const odd = ["plain/a.txt", "with space/b+c ü.txt", "100%/%2F.txt", "//double.txt", "nul/\u0001.txt"];
  const bucket = await world.dev.bucket(Object.fromEntries(odd.map((key) => [key, key])));
  const session = await signIn(page, await world.dev.user({ may }));
  for (const key of odd) {
    await open(page, session, `/s3/${bucket}`);
    const parts = key.split("/");
    for (const part of parts.slice(0, -1)) {
      await page
        .getByRole("grid")
        .getByRole("link", { name: `${part}/`, exact: true })
        .click();
    }
    await page
      .getByRole("grid")
      .getByRole("link", { name: parts.at(-1), exact: true })
      .click();
    await expect(page.getByText("Content type")).toBeVisible();
    await expect(page.getByText(`${key.length} bytes`)).toHaveCount(key.includes("ü") ? 0 : 1);
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download", exact: true }).click();
    expect((await readFile(await (await saving).path())).toString()).toBe(key);
  }
});

test("folders are made, filled and deleted with what is in them", async ({ page, world }) => {
  const bucket = await world.dev.bucket({
    "keep.txt": "k",
    "logs/1.txt": "1",
    "logs/deep/2.txt": "2",
    "logs.txt": "l",
  });
  const session = await signIn(page, await world.dev.user({ may }));
  await open(page, session, `/s3/${bucket}`);

  await page.getByRole("button", { name: "Create folder" }).click();
  await page.getByLabel("Folder name").fill("new one");
  await page.getByRole("dialog").getByRole("button", { name: "Create folder" }).click();
  await page.getByRole("link", { name: "new one/" }).click();
  await upload(
    page,
    { name: "x.txt", mimeType: "text/plain", buffer: Buffer.from("x") },
    { name: "y.txt", mimeType: "text/plain", buffer: Buffer.from("y") },
  );
  await expect(page.getByText("2 files are uploaded, 0 failed").first()).toBeVisible();
  await expect(page.getByRole("grid").first().getByRole("link", { name: "y.txt" })).toBeVisible();

  await open(page, session, `/s3/${bucket}`);
  await page.getByLabel("Name begins with").fill("lo");
  await expect(page.getByRole("link", { name: "keep.txt" })).toBeHidden();
  await expect(page).toHaveURL(/starts=lo/);
  await select(page, "logs/");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("This cannot be undone: the bucket keeps no versions.")).toBeVisible();
  await dialog.getByLabel("Type logs/ to confirm").fill("logs/");
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText("2 objects are deleted.")).toBeVisible();
  expect(await keysOf(world.dev, bucket)).toEqual([
    "keep.txt",
    "logs.txt",
    "new one/",
    "new one/x.txt",
    "new one/y.txt",
  ]);
});

test("who may not list buckets goes to one by name, and keeps it at hand", async ({ page, world }) => {
  const bucket = await world.dev.bucket({ "a.txt": "a" });
  const bucketArn = `arn:aws:s3:::${bucket}`;
  const bob = await world.dev.user({ may: [allow("s3:ListBucket", bucketArn)] });
  const session = await signIn(page, bob);
  await open(page, session, "/s3");
  await expect(page.getByText("You may not s3:ListAllMyBuckets")).toBeVisible();
  await expectNoAxeViolations(page);
  await page.getByLabel("Bucket name, ARN or s3:// address").fill(bucketArn);
  await page.getByRole("button", { name: "Go to bucket" }).click();
  await expect(page.getByRole("link", { name: "a.txt" })).toBeVisible();
  await page.getByRole("button", { name: `Pin ${bucket}` }).click();

  // What may not be done is said where it was tried, and nothing is saved in its place.
  await select(page, "a.txt");
  await page.getByRole("button", { name: "Download", exact: true }).click();
  await expect(page.getByText("You may not s3:GetObject on")).toBeVisible();
  await upload(page, { name: "b.txt", mimeType: "text/plain", buffer: Buffer.from("b") });
  await expect(page.getByText(/You may not s3:PutObject on/)).toBeVisible();
  await expectNoAxeViolations(page);

  await open(page, session, "/s3");
  await page.getByRole("link", { name: bucket }).click();
  await expect(page.getByRole("heading", { name: bucket, level: 1 })).toBeVisible();
  await expect.poll(() => keysOf(world.dev, bucket)).toEqual(["a.txt"]);
});

test("a key that no browser can ask for is said to be one, and can be deleted", async ({ page, world }) => {
  // The SDK of the test's own program sends addresses as they are.
  const bucket = await world.dev.bucket({ "dots/../x.txt": "x", "dots/y.txt": "y" });
  const session = await signIn(page, await world.dev.user({ may }));
  await open(page, session, `/s3/${bucket}?prefix=dots%2F..%2F`);
  await page.getByRole("grid").getByRole("link", { name: "x.txt", exact: true }).click();
  await expect(page.getByText("A browser cannot ask for this object")).toBeVisible();
  await page.goBack();
  await select(page, "dots/../x.txt");
  await expect(page.getByRole("button", { name: "Download", exact: true })).toBeDisabled();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("dialog").getByLabel("Type x.txt to confirm").fill("x.txt");
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText("1 object is deleted.")).toBeVisible();
  expect(await keysOf(world.dev, bucket)).toEqual(["dots/y.txt"]);
});

test("an upload goes on while one looks at other pages, and one that is canceled leaves no parts", async ({
  page,
  world,
}, info) => {
  test.slow();
  const bucket = await world.dev.bucket();
  const session = await signIn(page, await world.dev.user({ may }));
  await open(page, session, `/s3/${bucket}`);
  const file = info.outputPath("big.bin");
  const bytes = randomBytes(17_000_000);
  await writeFile(file, bytes);
  let release = () => {};
  const hold = async () => {
    const released = new Promise<void>((ok) => (release = ok));
    let seen = () => {};
    const sending = new Promise<void>((ok) => (seen = ok));
    await page.route(/partNumber=/, async (route) => {
      seen();
      await released;
      await route.fallback();
    });
    return { sending }; // in a box: who awaits the route does not await it
  };

  let held = await hold();
  await upload(page, file);
  await held.sending;
  await page.getByRole("link", { name: "Home", exact: true }).click({ timeout: 40_000 }); // parts are hashed
  await expect(page.getByRole("heading", { name: bucket })).toBeHidden();
  release();
  await page.unroute(/partNumber=/);
  await expect.poll(() => keysOf(world.dev, bucket), { timeout: 60_000 }).toEqual(["big.bin"]);
  expect((await stored(world.dev, bucket, "big.bin")).equals(bytes)).toBe(true);
  await page.getByRole("link", { name: "Buckets", exact: true }).first().click();
  await expect(page.getByText("1 file is uploaded, 0 failed").first()).toBeVisible();
  await page.getByRole("button", { name: "Clear", exact: true }).click();

  await page.getByRole("link", { name: bucket, exact: true }).click();
  await page.getByRole("grid").getByRole("link", { name: "big.bin" }).waitFor();
  await world.dev.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: "big.bin" }));
  held = await hold();
  await upload(page, file);
  await held.sending;
  await page.getByRole("button", { name: "Cancel big.bin" }).click();
  await expect(page.getByText("Canceled").first()).toBeVisible();
  release();
  const openUploads = async () =>
    (await world.dev.s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? [];
  await expect.poll(openUploads, { timeout: 60_000 }).toEqual([]);
  expect(await keysOf(world.dev, bucket)).toEqual([]);
});

test("a bucket's policy is written, and says who else can reach it; open uploads are aborted", async ({
  page,
  world,
}) => {
  test.slow();
  const bucket = await world.dev.bucket();
  await world.dev.put(bucket, "a.txt", "a", "text/plain");
  const statement = { Sid: "prod", Effect: "Allow" as const, Principal: { AWS: `arn:aws:iam::${world.prod.id}:root` } };
  const Policy = document({ ...statement, Action: "s3:GetObject", Resource: `arn:aws:s3:::${bucket}/*` });
  await world.dev.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
  await world.dev.s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: "half" }));
  const alice = await world.dev.user({ may: [...may, allow("access-analyzer:ValidatePolicy")] });
  const session = await signIn(page, alice);
  await open(page, session, `/s3/${bucket}?tab=permissions`);
  await expect(page.getByText(`Account ${world.prod.id}: s3:GetObject`)).toBeVisible();
  await expect(page.getByText("Refuse new public policies: on")).toBeVisible();
  await expectNoAxeViolations(page);

  await open(page, session, `/s3/${bucket}?tab=uploads`);
  const box = page.getByRole("checkbox", { name: /^Select / }).first();
  await box.click({ force: true });
  await page.getByRole("button", { name: "Abort" }).click();
  await page.getByRole("dialog").getByLabel("Type abort to confirm").fill("abort");
  await page.getByRole("dialog").getByRole("button", { name: "Abort" }).click();
  await expect(page.getByText("1 upload is aborted.")).toBeVisible();
  await expect(page.getByText("No open uploads")).toBeVisible();

  await open(page, session, `/s3/${bucket}/a.txt`);
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page.getByRole("region", { name: "Preview" })).toHaveText("a");
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("button", { name: "Make link" }).click();
  await expect(page.getByText(/^It works until/)).toBeVisible();
  await expectNoAxeViolations(page);
});

test("the pages fit a narrow window", async ({ page, world }) => {
  const key = `${"long".repeat(20)}/${"x".repeat(90)}.txt`;
  const bucket = await world.dev.bucket({ [key]: "a", "b.txt": "b" });
  const session = await signIn(page, await world.dev.user({ may }));
  await page.setViewportSize({ width: 320, height: 640 });
  const tabs = ["objects", "properties", "permissions", "uploads"];
  await open(page, session, "/s3");
  await expectNoSidewaysScroll(page);
  await open(page, session, `/s3/${bucket}/${key}`);
  await expect(page.getByText("Content type")).toBeVisible();
  await expectNoSidewaysScroll(page);
  await open(page, session, `/s3/${bucket}`);
  for (const tab of tabs) {
    await page.getByRole("tab", { name: new RegExp(tab, "i") }).click();
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    await expectNoSidewaysScroll(page);
  }
  await expectNoAxeViolations(page, { include: "#content" });
});
