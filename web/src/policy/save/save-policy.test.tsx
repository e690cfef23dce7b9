import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { denied, renderElement, type Answers } from "@/test/render";
import { SavePolicy } from "./save-policy";

const text = '{"Version": "2012-10-17", "Statement": []}';

const finding = (findingType: string) => () => ({
  findings: [{ findingType, issueCode: "X", findingDetails: "Something about it.", locations: [] }],
});

function show(ValidatePolicy: Answers[string], props: Partial<Parameters<typeof SavePolicy>[0]> = {}) {
  const onSave = vi.fn();
  const all = { text, kind: "identity" as const, label: "Save", pending: false, onSave, ...props };
  renderElement(<SavePolicy {...all} />, { answers: { ValidatePolicy } });
  fireEvent.click(screen.getByText("Save"));
  return onSave;
}

test("a sound document is saved at once, when there was none before", { timeout: 20_000 }, async () => {
  const onSave = show(() => ({ findings: [] }));
  await waitFor(() => expect(onSave).toHaveBeenCalledExactlyOnceWith(text));
});

test("what is no JSON is not saved", { timeout: 20_000 }, async () => {
  const onSave = show(() => ({ findings: [] }), { text: "{" });
  await screen.findByText("What stands here is not JSON. It has to be mended before it can be saved.");
  expect(onSave).not.toHaveBeenCalled();
});

// IAM saves actions that it does not know, and accounts have quotas of their own.
test.each([
  ["a warning", finding("WARNING"), {}, "1 warning"],
  ["a security warning", finding("SECURITY_WARNING"), {}, "1 warning"],
  ["an error", finding("ERROR"), {}, "1 error"],
  ["its length", finding("SUGGESTION"), { limit: 50, used: 20 }, /longer than accounts may have/],
])("%s asks first", { timeout: 20_000 }, async (_, answer, props, said) => {
  const onSave = show(answer, props);
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getAllByText(said).length).toBeGreaterThan(0);
  fireEvent.click(dialog.getByText("Save"));
  expect(onSave).not.toHaveBeenCalled();
  fireEvent.click(dialog.getByLabelText("Save it all the same"));
  fireEvent.click(dialog.getByText("Save"));
  expect(onSave).toHaveBeenCalledExactlyOnceWith(text);
});

test("a suggestion does not", { timeout: 20_000 }, async () => {
  const onSave = show(finding("SUGGESTION"));
  await waitFor(() => expect(onSave).toHaveBeenCalledOnce());
});

test("what nobody could check asks", { timeout: 20_000 }, async () => {
  const onSave = show(() => {
    throw denied("access-analyzer:ValidatePolicy", "*");
  });
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText("The document could not be checked beyond its JSON.")).toBeTruthy();
  expect(onSave).not.toHaveBeenCalled();
});

test("changes are shown before they are saved", { timeout: 20_000 }, async () => {
  const onSave = show(() => ({ findings: [] }), { original: text.replace("[]", "[{}]") });
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText("1 line added, 1 line removed")).toBeTruthy();
  expect(onSave).not.toHaveBeenCalled();
  fireEvent.click(dialog.getByText("Save"));
  expect(onSave).toHaveBeenCalledExactlyOnceWith(text);
});
