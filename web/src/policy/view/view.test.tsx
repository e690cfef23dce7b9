import { screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import userEvent from "@testing-library/user-event";
import { renderElement } from "@/test/render";
import { offsetOf } from "../model/findings";
import { catalogFetch } from "../test-catalog";
import { differences, PolicyDiff } from "./policy-diff";
import { PolicySummary } from "./policy-summary";
import { linesOf, PolicyView, spanOf } from "./policy-view";

beforeEach(() => vi.stubGlobal("fetch", catalogFetch));
afterEach(() => vi.unstubAllGlobals());

const text = `{
  "Statement": [
    {"Effect": "Allow", "Action": "s3:*"},
    {
      "Sid": "No",
      "Effect": "Deny",
      "Action": ["s3:GetObject", "s3:Delete*"],
      "Resource": "arn:aws:s3:::b/*",
      "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": false}}
    }
  ]
}`;

/** Lines of a text with what is marked in brackets, and marked lines with a bar. */
const drawn = (...marks: Parameters<typeof linesOf>[1]) =>
  linesOf(text, marks).map(
    (l) => (l.marked ? "|" : " ") + l.parts.map((p) => (p.marked ? `[${p.text}]` : p.text)).join(""),
  );

test("a statement is marked by its number, an element by its place", () => {
  expect(drawn({ statement: 0 }).filter((l) => l.startsWith("|"))).toEqual([
    '|    {"Effect": "Allow", "Action": "s3:*"},',
  ]);
  expect(drawn({ statement: 1 }).filter((l) => l.startsWith("|"))).toHaveLength(7);
  const condition = spanOf(text, 1, ["Condition", "BoolIfExists", "aws:MultiFactorAuthPresent"])!;
  expect(text.slice(condition.from, condition.to)).toBe('"aws:MultiFactorAuthPresent": false');
  expect(drawn(condition).find((l) => l.includes("BoolIfExists"))).toContain(
    '{["aws:MultiFactorAuthPresent"][: ][false]}',
  );
  const action = spanOf(text, 1, ["Action", 1])!;
  expect(text.slice(action.from, action.to)).toBe('"s3:Delete*"');
  expect(spanOf(text, 1, ["Nothing"])).toBeUndefined();
  expect(spanOf(text, 7)).toBeUndefined();
  expect(drawn().join("\n").replace(/^ /gm, "")).toBe(text);
});

test("a place is told by its line and column", () => {
  expect(text.slice(offsetOf(text, 5, 7)).startsWith('"Sid"')).toBe(true);
  expect(offsetOf(text, 99, 1)).toBeLessThanOrEqual(text.length);
  expect(offsetOf("", 1, 5)).toBe(0);
});

test("a document on a single line is shown in lines, and what is marked goes along", () => {
  const flat = JSON.stringify(JSON.parse(text));
  const span = spanOf(flat, 1, ["Action", 1])!;
  renderElement(<PolicyView text={flat} marks={[span, { statement: 0 }]} label="The policy" />);
  const region = screen.getByRole("region", { name: "The policy" });
  expect(region.querySelectorAll("li").length).toBeGreaterThan(10);
  expect([...region.querySelectorAll("mark")].map((m) => m.textContent)).toEqual(['"s3:Delete*"']);
  expect(region.querySelectorAll(".policy-marked").length).toBeGreaterThan(2);
});

test("what is no JSON is shown as it is", () => {
  renderElement(<PolicyView text={"<b>no</b>\npolicy"} />);
  expect(screen.getByText("<b>no</b>")).toBeTruthy();
});

test("the summary says what is denied before what is allowed, and conditions in words", async () => {
  renderElement(<PolicySummary text={text} />);
  const [first, second] = screen.getAllByRole("region");
  expect(first!.textContent).toContain("DenyNo");
  expect(first!.textContent).toContain("aws:MultiFactorAuthPresent is false, or is absent");
  expect(second!.textContent).toContain("Allow");
  expect(screen.getByText(/What is denied stands first/)).toBeTruthy();
  await userEvent
    .setup({ delay: null })
    .click((await screen.findAllByRole("button", { name: "Show actions of Amazon S3" }))[0]!);
  expect(await screen.findByText("Read")).toBeTruthy();
});

test("a policy that denies everything is never said to allow it", () => {
  const nothing = '{"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}';
  renderElement(<PolicySummary text={nothing} />);
  expect(screen.getByText("Denies everything, on everything")).toBeTruthy();
  expect(document.body.textContent).not.toContain("llows");
});

test("what the summary cannot read it names", () => {
  renderElement(<PolicySummary text='{"Statement": [{"Effect": "Allow", "Action": 5, "Odd": 1}]}' />);
  expect(screen.getByText("Action, Odd cannot be read. The JSON shows it.")).toBeTruthy();
});

test("a difference is told in signs and words, not in colours alone", async () => {
  renderElement(<PolicyDiff before={text} after={text.replace("Deny", "Allow")} />);
  expect(screen.getByText("1 line added, 1 line removed")).toBeTruthy();
  expect(screen.getAllByText("added")).toHaveLength(1);
  expect(screen.getAllByText("removed")).toHaveLength(1);
  await userEvent.setup({ delay: null }).click(screen.getByText("Show 2 lines that are the same"));
  expect(screen.getByText('"Statement": [', { exact: false })).toBeTruthy();
});

test("documents on single lines are compared line by line, and white space is told apart from words", () => {
  const flat = JSON.stringify(JSON.parse(text));
  expect(differences(flat, text).formatted).toBe(true);
  expect(differences(flat, text).lines.every((l) => l.kind === "same")).toBe(true);
  renderElement(<PolicyDiff before={flat} after={text} />);
  expect(screen.getByText("Only white space differs.")).toBeTruthy();
});
