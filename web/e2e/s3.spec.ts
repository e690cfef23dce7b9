/** Buckets and objects: what the pages of S3 do in a browser with the server's own store. */
import type { Locator, Page } from "@playwright/test";
import {
  CreateMultipartUploadCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
} from "@aws-sdk/client-s3";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
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

/** What would load something, and run, if a page took it for markup. It is the name of a file. */
const hostile = `"><img src=x onerror=alert(1)>.txt`;

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

/** Drops files and folders as a person does: the browser reads them from the disk. */
async function drop(page: Page, onto: Locator, ...files: string[]): Promise<void> {
  await onto.scrollIntoViewIfNeeded();
  const box = await onto.boundingBox();
  const at = { x: (box?.x ?? 0) + 5, y: (box?.y ?? 0) + 5 };
  const cdp = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await cdp.send("Input.dispatchDragEvent", { type, ...at, data });
  }
}

/** Keeps requests on their way. They go on when they are released. */
async function hold(page: Page, pattern: RegExp) {
  let release = () => {};
  const released = new Promise<void>((ok) => (release = ok));
  let seen = () => {};
  const sending = new Promise<void>((ok) => (seen = ok));
  await page.route(pattern, async (route) => {
    seen();
    await released;
    await route.fallback();
  });
  return {
    sending, // in a box: who awaits the route does not await it
    release: async () => {
      release();
      await page.unroute(pattern);
    },
  };
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
  await expect(page.getByText("Nothing here").first()).toBeVisible();
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
  await expect(page.getByText(`Bucket ${bucket} is deleted.`).first()).toBeVisible();
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
    await expect(page.getByText("Content type").first()).toBeVisible();
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
  await expect(page.getByText("2 objects are deleted.").first()).toBeVisible();
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
  await expect(page.getByText("You may not s3:ListAllMyBuckets").first()).toBeVisible();
  await expectNoAxeViolations(page);
  await page.getByLabel("Bucket name, ARN or s3:// address").fill(bucketArn);
  await page.getByRole("button", { name: "Go to bucket" }).click();
  await expect(page.getByRole("link", { name: "a.txt" })).toBeVisible();
  await page.getByRole("button", { name: `Pin ${bucket}` }).click();

  // What may not be done is said where it was tried, and nothing is saved in its place.
  await select(page, "a.txt");
  await page.getByRole("button", { name: "Download", exact: true }).click();
  await expect(page.getByText("You may not s3:GetObject on").first()).toBeVisible();
  await upload(page, { name: "b.txt", mimeType: "text/plain", buffer: Buffer.from("b") });
  await expect(page.getByText(/You may not s3:PutObject on/).first()).toBeVisible();
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
  await expect(page.getByText("A browser cannot ask for this object").first()).toBeVisible();
  await page.goBack();
  await select(page, "dots/../x.txt");
  await expect(page.getByRole("button", { name: "Download", exact: true })).toBeDisabled();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("dialog").getByLabel("Type x.txt to confirm").fill("x.txt");
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText("1 object is deleted.").first()).toBeVisible();
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
  let held = await hold(page, /partNumber=/);
  await upload(page, file);
  await held.sending;
  await page.getByRole("link", { name: "Home", exact: true }).click({ timeout: 40_000 }); // parts are hashed
  await expect(page.getByRole("heading", { name: bucket })).toBeHidden();
  await held.release();
  await expect.poll(() => keysOf(world.dev, bucket), { timeout: 60_000 }).toEqual(["big.bin"]);
  expect((await stored(world.dev, bucket, "big.bin")).equals(bytes)).toBe(true);
  await page.getByRole("link", { name: "Buckets", exact: true }).first().click();
  await expect(page.getByText("1 file is uploaded, 0 failed").first()).toBeVisible();
  await page.getByRole("button", { name: "Clear", exact: true }).click();

  await page.getByRole("link", { name: bucket, exact: true }).click();
  await page.getByRole("grid").getByRole("link", { name: "big.bin" }).waitFor();
  await world.dev.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: "big.bin" }));
  held = await hold(page, /partNumber=/);
  await upload(page, file);
  await held.sending;
  await page.getByRole("button", { name: "Cancel big.bin" }).click();
  await expect(page.getByText("Canceled").first()).toBeVisible();
  await held.release();
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
  await expect(page.getByText(`Account ${world.prod.id}: s3:GetObject`).first()).toBeVisible();
  await expect(page.getByText("Refuse new public policies: on").first()).toBeVisible();
  await expectNoAxeViolations(page);

  await open(page, session, `/s3/${bucket}?tab=uploads`);
  const box = page.getByRole("checkbox", { name: /^Select / }).first();
  await box.click({ force: true });
  await page.getByRole("button", { name: "Abort" }).click();
  await page.getByRole("dialog").getByLabel("Type abort to confirm").fill("abort");
  await page.getByRole("dialog").getByRole("button", { name: "Abort" }).click();
  await expect(page.getByText("1 upload is aborted.").first()).toBeVisible();
  await expect(page.getByText("No open uploads").first()).toBeVisible();

  await open(page, session, `/s3/${bucket}/a.txt`);
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page.getByRole("region", { name: "Preview" })).toHaveText("a");
  await page.getByRole("button", { name: "Share" }).click();
  await expect(page.getByText(`gets the object as ${alice.user}`).first()).toBeVisible();
  await page.getByRole("button", { name: "Make link" }).click();
  await expect(page.getByText(/^It works until/).first()).toBeVisible();
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
  await expect(page.getByText("Content type").first()).toBeVisible();
  await expectNoSidewaysScroll(page);
  await open(page, session, `/s3/${bucket}`);
  for (const tab of tabs) {
    await page.getByRole("tab", { name: new RegExp(tab, "i") }).click();
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    await expectNoSidewaysScroll(page);
  }
  await expectNoAxeViolations(page, { include: "#content" });
});

test("what is dropped goes up with its folders; uploads wait, go on, are canceled and tried again", async ({
  page,
  world,
}, info) => {
  test.slow();
  const bucket = await world.dev.bucket();
  const locked = { Effect: "Deny" as const, Action: "s3:PutObject", Resource: `arn:aws:s3:::${bucket}/locked.txt` };
  const alice = await world.dev.user({ may: [...may, locked] });
  const session = await signIn(page, alice);
  await open(page, session, `/s3/${bucket}`);
  await expect(page.getByText("Nothing here").first()).toBeVisible();

  const folder = info.outputPath("photos");
  await mkdir(join(folder, "2026"), { recursive: true });
  await writeFile(join(folder, "2026", "a.txt"), "a");
  await writeFile(join(folder, hostile), "b");
  const refused = info.outputPath("locked.txt");
  await writeFile(refused, "l");
  await drop(page, page.getByText("Nothing here"), folder, refused);
  await expect(page.getByText("2 files are uploaded, 1 failed").first()).toBeVisible();
  await expect(page.getByText(/You may not s3:PutObject on/).first()).toBeVisible();
  expect(await keysOf(world.dev, bucket)).toEqual([`photos/${hostile}`, "photos/2026/a.txt"].toSorted());
  await expectNoAxeViolations(page);
  await world.dev.allowUser(alice.user, ...may);
  await page.getByRole("button", { name: "Upload locked.txt again" }).click();
  await expect(page.getByText("3 files are uploaded, 0 failed").first()).toBeVisible();
  await page.getByRole("button", { name: "Clear", exact: true }).click();

  // Three go at a time: while they are on their way the others wait, and what is paused then stays.
  const held = await hold(page, new RegExp(`/${bucket}/[a-e]\\.txt`));
  const names = ["a", "b", "c", "d", "e"].map((name) => `${name}.txt`);
  await upload(page, ...names.map((name) => ({ name, mimeType: "text/plain", buffer: Buffer.from(name) })));
  await held.sending;
  await page.getByRole("button", { name: "Pause d.txt" }).click();
  await page.getByRole("button", { name: "Cancel e.txt" }).click();
  await expect(page.getByText("Paused", { exact: true }).first()).toBeVisible();
  await expect(page.getByText("Canceled", { exact: true }).first()).toBeVisible();
  await held.release();
  await expect(page.getByRole("link", { name: "c.txt", exact: true }).first()).toBeVisible();
  await expect.poll(() => keysOf(world.dev, bucket)).toEqual(expect.arrayContaining(["a.txt", "b.txt", "c.txt"]));
  await expectNoAxeViolations(page, { modes: ["dark"] });
  expect(await keysOf(world.dev, bucket)).not.toEqual(expect.arrayContaining(["d.txt"]));
  await page.getByRole("button", { name: "Resume d.txt" }).click();
  await page.getByRole("button", { name: "Upload e.txt again" }).click();
  await expect(page.getByText("5 files are uploaded, 0 failed").first()).toBeVisible();
  expect(await keysOf(world.dev, bucket)).toEqual(expect.arrayContaining(names));
});

// Rules: TH-88
test("an object is tagged, described, renamed and copied, and what anybody wrote of it is text", async ({
  page,
  world,
}) => {
  test.slow();
  const { dev, prod } = world;
  const bucket = await dev.bucket();
  const other = await dev.bucket();
  const theirs = await prod.bucket();
  await dev.put(bucket, hostile, hostile, "text/plain");
  const session = await signIn(page, await dev.user({ may }));
  await open(page, session, `/s3/${bucket}/${encodeURIComponent(hostile)}`);
  await expect(page.getByRole("heading", { name: hostile, level: 1 })).toBeVisible();

  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByRole("button", { name: "Add tag" }).click();
  await page.getByRole("textbox", { name: "Key" }).fill("javascript:/=+-@_. ü");
  await page.getByRole("textbox", { name: "Value (optional)" }).fill("data:text/html=/@+-_. ü");
  await expect(page.getByRole("button", { name: "View as" })).toBeVisible();
  await expectNoAxeViolations(page);
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText(`The tags of ${hostile} are saved.`).first()).toBeVisible();
  await expect(page.getByText("data:text/html=/@+-_. ü").first()).toBeVisible();

  await page.getByRole("button", { name: "Edit metadata" }).click();
  const said = page.getByRole("dialog");
  await said.getByLabel("Cache-Control").fill("no-store");
  await said.getByRole("button", { name: "Add metadata" }).click();
  await said.getByRole("textbox", { name: "Name" }).fill("Not a header");
  await expect(said.getByText("A name has letters, digits and hyphens")).toBeVisible();
  await expect(said.getByRole("button", { name: "Save changes" })).toBeDisabled();
  await said.getByRole("textbox", { name: "Name" }).fill("note");
  await said.getByRole("textbox", { name: "Value" }).fill(hostile);
  await expectNoAxeViolations(page);
  await said.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText(`The metadata of ${hostile} is saved.`).first()).toBeVisible();
  await expect(page.getByText("x-amz-meta-note").first()).toBeVisible();
  const head = await dev.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: hostile }));
  expect(head).toMatchObject({ ContentType: "text/plain", CacheControl: "no-store", Metadata: { note: hostile } });
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page.getByRole("region", { name: "Preview" })).toHaveText(hostile);

  // A rename is a move to where it is.
  await page.getByRole("button", { name: "Copy or move" }).click();
  const moving = page.getByRole("dialog");
  await moving.getByRole("radio", { name: "Move" }).click();
  await moving.getByRole("button", { name: "Move", exact: true }).click();
  await expect(moving.getByText("It is there already")).toBeVisible();
  await moving.getByLabel("Name there").fill("renamed.txt");
  await expectNoAxeViolations(page);
  await moving.getByRole("button", { name: "Move", exact: true }).click();
  await expect(page.getByText("1 object is moved.").first()).toBeVisible();
  await expect(page.getByRole("grid").getByRole("link", { name: "renamed.txt" })).toBeVisible();
  expect(await keysOf(dev, bucket)).toEqual(["renamed.txt"]);
  const { TagSet } = await dev.s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: "renamed.txt" }));
  expect(TagSet).toEqual([{ Key: "javascript:/=+-@_. ü", Value: "data:text/html=/@+-_. ü" }]);

  await select(page, "renamed.txt");
  await page.getByRole("button", { name: "Copy or move" }).click();
  await moving.getByLabel("To", { exact: true }).fill(`s3://${theirs}/`);
  await moving.getByRole("button", { name: "Copy", exact: true }).click();
  await expect(moving.getByText(/You may not s3:PutObject/).first()).toBeVisible();
  await moving.getByLabel("To", { exact: true }).fill(`s3://${other}/in/`);
  await moving.getByRole("button", { name: "Copy", exact: true }).click();
  await expect(page.getByText("1 object is copied.").first()).toBeVisible();
  expect(await keysOf(dev, other)).toEqual(["in/renamed.txt"]);
  expect(await keysOf(prod, theirs)).toEqual([]);
});

// Rules: TH-84
test("images are shown from memory, and what can hold script is not", async ({ page, world }) => {
  const bucket = await world.dev.bucket();
  const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
  await world.dev.put(bucket, "dot.png", Buffer.from(png, "base64"), "image/png");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`;
  await world.dev.put(bucket, "dot.svg", svg, "image/svg+xml");
  await world.dev.put(bucket, "page.html", "<script>alert(1)</script>", "text/html");
  const session = await signIn(page, await world.dev.user({ may }));
  await open(page, session, `/s3/${bucket}/dot.png`);
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page.getByRole("img", { name: "dot.png" })).toHaveAttribute("src", /^blob:/);
  await expectNoAxeViolations(page);
  for (const name of ["dot.svg", "page.html"]) {
    await open(page, session, `/s3/${bucket}/${name}`);
    await expect(page.getByText("Content type").first()).toBeVisible();
    await expect(page.getByRole("heading", { name: "Preview" })).toHaveCount(0);
  }
});

test("a bucket keeps versions: what was deleted or overwritten is found and comes back", async ({ page, world }) => {
  test.slow();
  const { dev } = world;
  const bucket = await dev.bucket({ [hostile]: "one" });
  const session = await signIn(page, await dev.user({ may }));
  const object = `/s3/${bucket}/${encodeURIComponent(hostile)}`;
  await open(page, session, `/s3/${bucket}?tab=properties`);
  await page.getByRole("button", { name: "Keep versions" }).click();
  const dialog = page.getByRole("dialog");
  await expectNoAxeViolations(page);
  await dialog.getByRole("button", { name: "Keep versions" }).click();
  await expect(page.getByText(`Bucket ${bucket} keeps versions.`).first()).toBeVisible();
  await dev.put(bucket, hostile, "two");

  /** Chooses a version by what its line says. */
  const choose = async (text: string) => {
    const box = page.getByRole("row", { name: new RegExp(text) }).getByRole("radio");
    await box.click({ force: true });
    await expect(box).toBeChecked();
  };
  await open(page, session, object);
  await choose("null"); // it was written before
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await expectNoAxeViolations(page, { modes: ["dark"] });
  await dialog.getByRole("button", { name: "Restore" }).click();
  await expect(page.getByText(`${hostile} is restored.`).first()).toBeVisible();
  expect((await stored(dev, bucket, hostile)).toString()).toBe("one");

  await page.getByRole("button", { name: "Delete", exact: true }).first().click();
  await expect(dialog.getByText("a delete marker is written for each object")).toBeVisible();
  await dialog.getByLabel(`Type ${hostile} to confirm`).fill(hostile);
  await expectNoAxeViolations(page, { modes: ["dark"] });
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText("Nothing here").first()).toBeVisible();

  await page.getByRole("checkbox", { name: "Show deleted objects" }).click();
  const line = page.getByRole("row", { name: /deleted/ });
  await expect(line).toBeVisible();
  await expectNoAxeViolations(page);
  await line.getByRole("link").click();
  await choose("Delete marker: the object is deleted");
  await expectNoAxeViolations(page);
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await dialog.getByRole("button", { name: "Restore" }).click();
  await expect(page.getByText("Content type").first()).toBeVisible();
  expect((await stored(dev, bucket, hostile)).toString()).toBe("one");

  await choose("null");
  await page.getByRole("button", { name: "Delete", exact: true }).last().click();
  await dialog.getByLabel("Type null to confirm").fill("null");
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText("Version null is deleted.").first()).toBeVisible();
  await expect(page.getByRole("row", { name: /null/ })).toHaveCount(0);

  // Emptied, a bucket has no versions left either.
  await open(page, session, `/s3/${bucket}`);
  await page.getByRole("button", { name: "Empty", exact: true }).click();
  await dialog.getByLabel(`Type ${bucket} to confirm`).fill(bucket);
  await expectNoAxeViolations(page, { modes: ["dark"] });
  await dialog.getByRole("button", { name: "Empty", exact: true }).click();
  await expect(page.getByText(`Bucket ${bucket} is empty.`).first()).toBeVisible();
  const { Versions = [], DeleteMarkers = [] } = await dev.s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
  expect([...Versions, ...DeleteMarkers]).toEqual([]);
});

// Rules: TH-88
test("a bucket is opened to the public only after what keeps the public out was changed", async ({ page, world }) => {
  test.slow();
  const { dev } = world;
  const bucket = await dev.bucket();
  await dev.s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket: bucket }));
  const alice = await dev.user({ may: [...may, allow("access-analyzer:ValidatePolicy")] });
  const session = await signIn(page, alice);
  await open(page, session, `/s3/${bucket}?tab=permissions`);
  await page.getByRole("button", { name: "Enforce" }).click();
  await expect(page.getByText(`The owner of ${bucket} owns all objects in it.`).first()).toBeVisible();

  const editor = page.getByRole("textbox", { name: "Policy document" });
  const dialog = page.getByRole("dialog");
  const accept = dialog.getByRole("checkbox", { name: "Save it all the same" });
  const write = async (text: string) => {
    await editor.click();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.insertText(text);
  };
  const save = async () => {
    await page.getByRole("main").getByRole("button", { name: "Save policy" }).click();
    await expect(dialog).toBeVisible();
  };
  const anybody = { ...allow("s3:GetObject", `arn:aws:s3:::${bucket}/${hostile}/*`), Principal: "*" };
  await page.getByRole("button", { name: "Add policy" }).click();
  await page.getByRole("button", { name: "JSON", exact: true }).click();
  await write(document({ ...anybody, Action: "s3:NoSuchThing" }));
  await save();
  await expect(accept).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Save policy" })).toBeDisabled();
  await expectNoAxeViolations(page);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await write(document({ ...anybody, Sid: "Everybody" }));
  await save();
  if (await accept.isVisible()) await accept.click();
  await dialog.getByRole("button", { name: "Save policy" }).click();
  await expect(dialog.getByText(/BlockPublicPolicy|You may not/).first()).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("main").getByRole("button", { name: "Cancel" }).click();

  await page.getByRole("button", { name: "Edit", exact: true }).first().click();
  await page.getByRole("checkbox", { name: "Refuse new public policies" }).click();
  await page.getByRole("checkbox", { name: "Restrict a public bucket" }).click();
  await expectNoAxeViolations(page);
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText(`Public access to ${bucket} is set.`).first()).toBeVisible();
  await page.getByRole("button", { name: "Add policy" }).click();
  await page.getByRole("button", { name: "JSON", exact: true }).click();
  await write(document({ ...anybody, Sid: hostile }));
  await save();
  if (await accept.isVisible()) await accept.click();
  await dialog.getByRole("button", { name: "Save policy" }).click();
  await expect(page.getByText(`The policy of ${bucket} is saved.`).first()).toBeVisible();
  await expect(page.getByText("Everyone: s3:GetObject").first()).toBeVisible();
  await expectNoAxeViolations(page);

  await open(page, session, "/s3");
  await page.getByRole("combobox", { name: "Find" }).fill(bucket);
  await page.keyboard.press("Enter");
  const row = page.getByRole("row", { name: new RegExp(bucket) });
  await expect(row.getByText("Public", { exact: true }).first()).toBeVisible();
  await expect(row.getByText("Everyone: s3:GetObject")).toBeVisible();
  await expectNoAxeViolations(page);

  await open(page, session, `/s3/${bucket}?tab=permissions`);
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await dialog.getByLabel(`Type ${bucket} to confirm`).fill(bucket);
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText(`The policy of ${bucket} is deleted.`).first()).toBeVisible();
});

test("who may only look, on a screen of 320 px, is told at each act what is missing", async ({ page, world }) => {
  test.slow();
  const { dev } = world;
  const bucket = await dev.bucket({ "a.txt": "a" });
  await dev.s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: hostile }));
  await dev.s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket: bucket }));
  const bob = await dev.user({ may: [allow(["s3:Get*", "s3:List*"])] });
  await page.setViewportSize({ width: 320, height: 640 });
  const session = await signIn(page, bob);
  const main = page.getByRole("main");
  const dialog = page.getByRole("dialog");
  const missing = (action: string, where = dialog) =>
    expect(where.getByText(`You may not ${action}`).first()).toBeVisible();
  /** What a dialog says after its own button was pressed. */
  const refused = async (button: string, action: string) => {
    await dialog.getByRole("button", { name: button, exact: true }).click();
    await missing(action);
    await expectNoSidewaysScroll(page);
    await expectNoAxeViolations(page);
    await dialog.getByRole("button", { name: "Cancel" }).click();
  };

  await open(page, session, "/s3");
  await main.getByRole("button", { name: "Create bucket" }).first().click();
  await dialog.getByLabel("Bucket name").fill(unique("mine"));
  await refused("Create bucket", "s3:CreateBucket");

  await open(page, session, `/s3/${bucket}`);
  await main.getByRole("button", { name: "Create folder" }).click();
  await dialog.getByLabel("Folder name").fill("f");
  await refused("Create folder", "s3:PutObject");
  await main.getByRole("checkbox", { name: /Select a\.txt$/ }).click({ force: true });
  await main.getByRole("button", { name: "Delete", exact: true }).click();
  await dialog.getByLabel("Type a.txt to confirm").fill("a.txt");
  await refused("Delete", "s3:DeleteObject");
  await main.getByRole("button", { name: "Empty", exact: true }).click();
  await dialog.getByLabel(`Type ${bucket} to confirm`).fill(bucket);
  await refused("Empty", "s3:DeleteObject");

  await open(page, session, `/s3/${bucket}?tab=properties`);
  await main.getByRole("button", { name: "Keep versions" }).click();
  await refused("Keep versions", "s3:PutBucketVersioning");
  await main.getByRole("button", { name: "Edit", exact: true }).click();
  await main.getByRole("button", { name: "Add tag" }).click();
  await main.getByRole("textbox", { name: "Key" }).fill("team");
  await main.getByRole("button", { name: "Save changes" }).click();
  await missing("s3:PutBucketTagging", main);

  await open(page, session, `/s3/${bucket}?tab=permissions`);
  await main.getByRole("button", { name: "Enforce" }).click();
  await expect(page.getByText("You may not s3:PutBucketOwnershipControls").first()).toBeVisible();
  await main.getByRole("button", { name: "Edit", exact: true }).click();
  await main.getByRole("checkbox", { name: "Refuse new public policies" }).click();
  await main.getByRole("button", { name: "Save changes" }).click();
  await missing("s3:PutBucketPublicAccessBlock", main);
  await expectNoSidewaysScroll(page);
  await expectNoAxeViolations(page);

  await open(page, session, `/s3/${bucket}?tab=uploads`);
  await expect(page.getByText(hostile).first()).toBeVisible();
  await page
    .getByRole("checkbox", { name: /Select / })
    .first()
    .click({ force: true });
  await main.getByRole("button", { name: "Abort" }).click();
  await dialog.getByLabel("Type abort to confirm").fill("abort");
  await refused("Abort", "s3:AbortMultipartUpload");

  await open(page, session, `/s3/${bucket}/a.txt`);
  await main.getByRole("button", { name: "Edit metadata" }).click();
  await dialog.getByLabel("Cache-Control").fill("no-store");
  await refused("Save changes", "s3:PutObject");
  await main.getByRole("button", { name: "Edit", exact: true }).click();
  await main.getByRole("button", { name: "Add tag" }).click();
  await main.getByRole("textbox", { name: "Key" }).fill("team");
  await main.getByRole("button", { name: "Save changes" }).click();
  await missing("s3:PutObjectTagging", main);
  expect(await keysOf(dev, bucket)).toEqual(["a.txt"]);
});
