import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { alice, denied, renderElement, serviceError } from "@/test/render";
import { problemOf, type Reading } from "@/aws";
import { ArnLink } from "./arn-link";
import { arnName, arnPath } from "./arn";
import { ConfirmDelete } from "./confirm-delete";
import { pretty } from "./json-view";
import { path } from "./links";
import { PanelState } from "./panel-state";
import { compare, plain } from "./resource-table";
import { roleColor } from "./colors";
import { Secret } from "./secret";
import { cliOf, pythonOf } from "./calls";
import { shellQuote } from "./snippet";
import { merge } from "./table-preferences";
import { tagChanges, TagEditor, tagKeyError, type Tag } from "./tag-editor";
import { ago, Time } from "./time";

const call = {
  service: "iam",
  command: "create-user",
  options: { "user-name": "o'brien", path: "/", "no-x": true, y: undefined },
};

test("commands for a shell quote what it would take for its own", () => {
  expect(["alice", "a b", "o'brien", "$(rm)", "arn:aws:iam::1:user/x"].map(shellQuote)).toEqual([
    "alice",
    "'a b'",
    "'o'\\''brien'",
    "'$(rm)'",
    "arn:aws:iam::1:user/x",
  ]);
  expect(cliOf(call, "http://localhost:8080", "dev")).toBe(
    "aws iam create-user \\\n  --user-name 'o'\\''brien' \\\n  --path / \\\n  --no-x \\\n  --endpoint-url http://localhost:8080 \\\n  --profile dev",
  );
});

test("the same call is said in Python", () => {
  const s3 = { service: "s3api", command: "delete-objects", options: { keys: ["a", 'b"'] } };
  expect(pythonOf([call, s3], "http://h", "dev")).toBe(
    [
      "import boto3",
      "",
      'session = boto3.Session(profile_name="dev")',
      'iam = session.client("iam", endpoint_url="http://h")',
      'iam.create_user(UserName="o\'brien", Path="/", NoX=True)',
      's3 = session.client("s3", endpoint_url="http://h")',
      's3.delete_objects(Keys=["a", "b\\""])',
    ].join("\n"),
  );
});

test("a path holds names whatever is in them", () => {
  expect(path`/iam/users/${"a/b c"}/x`).toBe("/iam/users/a%2Fb%20c/x");
});

test("an ARN leads to its page, where it has one", () => {
  expect(arnName("arn:aws:iam::111122223333:role/a/b/r")).toBe("r");
  expect(arnPath("arn:aws:iam::111122223333:group/g")).toBe("/iam/groups/g");
  expect(arnPath("arn:aws:iam::111122223333:mfa/x")).toBeUndefined();
  expect(arnPath("no arn")).toBeUndefined();
});

test("an ARN of another account leads to a session of that account", async () => {
  renderElement(<ArnLink arn="arn:aws:iam::444455556666:role/r" />);
  const link = await screen.findByRole("link");
  expect(link.getAttribute("href")).toBe("/_regent/console/iam/roles/r?account=444455556666");
});

test("only the known colours are colours", () => {
  expect(roleColor("F2B0A9")).toBe("#f2b0a9");
  expect(roleColor("#83d4e8")).toBe("#83d4e8");
  expect(["000000", "red", "url(x)", ""].map(roleColor)).toEqual([undefined, undefined, undefined, undefined]);
});

test("values of cells are compared as people would", () => {
  const names = ["user-10", "", "User-9", "alice"];
  expect(names.toSorted(compare)).toEqual(["alice", "User-9", "user-10", ""]);
  expect([10, 9, ""].toSorted(compare)).toEqual([9, 10, ""]);
  expect(plain(new Date("2026-01-02T03:04:05Z"))).toBe("2026-01-02T03:04:05.000Z");
  expect(plain(["a", "b"])).toBe("a, b");
  expect(plain(undefined)).toBe("");
});

test("columns that were kept follow what a table has now", () => {
  const columns = [{ id: "name" }, { id: "new" }, { id: "extra", hidden: true }];
  const contentDisplay = [
    { id: "gone", visible: true },
    { id: "name", visible: false },
  ];
  expect(merge({ contentDisplay, pageSize: 7 }, columns)).toMatchObject({
    pageSize: 25,
    contentDisplay: [
      { id: "name", visible: true },
      { id: "new", visible: true },
      { id: "extra", visible: false },
    ],
  });
});

test("JSON is shown in its own order, and what is none as it is", () => {
  expect(pretty('{"b":1,"a":2}')).toBe('{\n  "b": 1,\n  "a": 2\n}');
  expect(pretty("{broken")).toBe("{broken");
});

test("distances in time are in the largest unit of which there is one", () => {
  const from = Date.parse("2026-11-29T10:00:00Z");
  const before = (seconds: number) => ago(new Date(from - seconds * 1000), from, "en");
  expect([5, 90, 7200, 86_400 * 3, 86_400 * 800].map(before)).toEqual([
    "now",
    "1 minute ago",
    "2 hours ago",
    "3 days ago",
    "2 years ago",
  ]);
});

test("a time has UTC for the pointer", async () => {
  renderElement(<Time value="2026-11-29T10:00:00Z" />);
  await waitFor(() => expect(document.querySelector("time")?.title).toContain("10:00:00 AM UTC"));
});

// Reading a panel

const reading = (part: Partial<Reading<string[]>>): Reading<string[]> => ({
  data: undefined,
  problem: undefined,
  loading: false,
  refreshing: false,
  readAt: undefined,
  reload: vi.fn(),
  ...part,
});

function Panel({ of }: { of: Reading<string[]> }) {
  return (
    <PanelState reading={of} isEmpty={(d) => d.length === 0} empty={<p>nothing here</p>}>
      {(d) => <p>{d.join()}</p>}
    </PanelState>
  );
}

test("a panel is loading, empty, or full", async () => {
  const { unmount } = renderElement(<Panel of={reading({ loading: true })} />);
  expect(await screen.findByRole("group", { name: "Loading" })).toBeTruthy();
  unmount();
  const empty = renderElement(<Panel of={reading({ data: [] })} />);
  expect(await screen.findByText("nothing here")).toBeTruthy();
  empty.unmount();
  renderElement(<Panel of={reading({ data: ["a", "b"] })} />);
  expect(await screen.findByText("a,b")).toBeTruthy();
});

test("a panel that failed can be tried again", async () => {
  const user = userEvent.setup();
  const of = reading({ problem: problemOf(serviceError("ServiceFailure", "broken", 500)) });
  renderElement(<Panel of={of} />);
  expect(await screen.findByText("ServiceFailure: broken")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(of.reload).toHaveBeenCalled();
});

test("what could not be read anew is shown as stale, and what is denied now no longer", async () => {
  const stale = { data: ["a"], readAt: new Date(), problem: problemOf(new TypeError("Failed to fetch")) };
  const { unmount } = renderElement(<Panel of={reading(stale)} />);
  expect(await screen.findByText("a")).toBeTruthy();
  expect(screen.getByText(/could not be read anew/)).toBeTruthy();
  unmount();
  renderElement(<Panel of={reading({ data: ["a"], problem: problemOf(denied("iam:GetUser", alice.arn)) })} />);
  expect(await screen.findByText(`You may not iam:GetUser on ${alice.arn}`)).toBeTruthy();
  expect(screen.queryByText("a")).toBeNull();
});

// Tags

test("tags are checked before they are sent", () => {
  const tags = ["", "aws:x", "Team", "team", "k".repeat(129), "ok"].map((Key): Tag => ({ Key, Value: "" }));
  expect(tags.map((_, i) => tagKeyError(tags, i))).toEqual([
    "tagKeyMissing",
    "tagKeyReserved",
    undefined,
    "tagKeyTwice",
    "tagKeyLong",
    undefined,
  ]);
});

test("only what changed is sent", () => {
  const tag = (Key: string, Value: string): Tag => ({ Key, Value });
  expect(
    tagChanges([tag("a", "1"), tag("b", "2"), tag("c", "3")], [tag("a", "1"), tag("b", "x"), tag("d", "4")]),
  ).toEqual({
    set: [tag("b", "x"), tag("d", "4")],
    remove: ["c"],
  });
});

test("tags are added and removed", async () => {
  const user = userEvent.setup();
  const changed = vi.fn();
  function Edit() {
    const [tags, setTags] = useState<Tag[]>([{ Key: "team", Value: "core" }]);
    changed(tags);
    return <TagEditor tags={tags} onChange={setTags} />;
  }
  renderElement(<Edit />);
  await user.click(await screen.findByRole("button", { name: "Add tag" }));
  await user.type(screen.getAllByRole("textbox")[2] as HTMLElement, "env");
  expect(changed).toHaveBeenLastCalledWith([
    { Key: "team", Value: "core" },
    { Key: "env", Value: "" },
  ]);
  await user.click(screen.getByRole("button", { name: "Remove tag team" }));
  expect(changed).toHaveBeenLastCalledWith([{ Key: "env", Value: "" }]);
});

// Secrets

test("a secret is not in the page until it is asked for", async () => {
  const user = userEvent.setup();
  const { container } = renderElement(<Secret value="wJalrXUtnFEMI" name="Secret access key" />);
  const show = await screen.findByRole("button", { name: "Show Secret access key" });
  expect(container.innerHTML).not.toContain("wJalrXUtnFEMI");
  await user.click(show);
  expect(screen.getByText("wJalrXUtnFEMI")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Hide Secret access key" }));
  expect(container.innerHTML).not.toContain("wJalrXUtnFEMI");
});

// Deleting

test("nothing is deleted before its name is typed, and then the steps go in order", async () => {
  const user = userEvent.setup();
  const did: string[] = [];
  const step = (text: string) => ({ text, run: async () => did.push(text) });
  const onDone = vi.fn();
  renderElement(<ConfirmDelete name="bob" steps={[step("one"), step("two")]} onDone={onDone} onClose={() => {}} />);
  const dialog = within(await screen.findByRole("dialog"));
  const button = dialog.getByRole("button", { name: "Delete" }) as HTMLButtonElement;
  expect(button.disabled).toBe(true);
  await user.type(dialog.getByRole("textbox"), "bo");
  expect(button.disabled).toBe(true);
  await user.type(dialog.getByRole("textbox"), "b");
  await user.click(button);
  await waitFor(() => expect(onDone).toHaveBeenCalled());
  expect(did).toEqual(["one", "two"]);
});

test("the first step that fails ends it, says what is left, and trying again goes on from there", async () => {
  const user = userEvent.setup();
  const did: string[] = [];
  let refused = true;
  const steps = [
    { text: "one", run: async () => did.push("one") },
    {
      text: "two",
      run: async () => {
        if (refused) throw denied("iam:DetachUserPolicy", alice.arn);
        did.push("two");
      },
    },
    { text: "three", run: async () => did.push("three") },
  ];
  const onDone = vi.fn();
  const onClose = vi.fn();
  renderElement(<ConfirmDelete name="bob" steps={steps} onDone={onDone} onClose={onClose} />);
  const dialog = within(await screen.findByRole("dialog"));
  await user.type(dialog.getByRole("textbox"), "bob");
  await user.click(dialog.getByRole("button", { name: "Delete" }));
  expect(await dialog.findByText(`You may not iam:DetachUserPolicy on ${alice.arn}`)).toBeTruthy();
  expect(dialog.getByText("2 steps were not done. What was done stays done.")).toBeTruthy();
  expect(did).toEqual(["one"]);
  refused = false;
  await user.click(dialog.getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(onDone).toHaveBeenCalled());
  expect(did).toEqual(["one", "two", "three"]);
  await user.click(dialog.getByRole("button", { name: "Cancel" }));
  expect(onClose).toHaveBeenCalledWith(true);
});
