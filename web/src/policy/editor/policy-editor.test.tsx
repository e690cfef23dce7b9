import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { renderElement, type Answers } from "@/test/render";
import PolicyEditor, { type PolicyEditorProps } from "./policy-editor";
import { catalogFetch } from "../test-catalog";

beforeEach(() => vi.stubGlobal("fetch", catalogFetch));
afterEach(() => vi.unstubAllGlobals());

/** Holds the text as a page does. */
function Owner({ onText, ...props }: Omit<PolicyEditorProps, "onChange"> & { onText: (text: string) => void }) {
  const [value, setValue] = useState(props.value);
  return (
    <PolicyEditor
      {...props}
      value={value}
      onChange={(text) => {
        onText(text);
        setValue(text);
      }}
    />
  );
}

function show(value: string, props: Partial<PolicyEditorProps> = {}, answers: Answers = {}) {
  const onText = vi.fn();
  const all = { ValidatePolicy: () => ({ findings: [] }), ListAccounts: () => ({ Accounts: [] }), ...answers };
  renderElement(<Owner kind="identity" {...props} value={value} onText={onText} />, { answers: all });
  return { onText, user: userEvent.setup({ delay: null }) };
}

const other = '{"Effect" : "Deny",   "Action":["iam:*"], "Resource":"*"}';
const policy = (rest: string) => `{"Version": "2012-10-17", "Statement": [${other}, {"Effect": "Allow", ${rest}}]}`;

it("ticks an action, and leaves the other statement as it was written", { timeout: 30_000 }, async () => {
  const { onText, user } = show(policy('"Action": ["s3:ListBucket"], "Resource": []'));
  await user.click(await screen.findByText("Read (0 of 1)"));
  await user.click(screen.getByLabelText("GetObject"));
  expect(onText).toHaveBeenLastCalledWith(policy('"Action": ["s3:ListBucket", "s3:GetObject"], "Resource": []'));
  await user.click(screen.getByLabelText("Undo"));
  expect(onText).toHaveBeenLastCalledWith(policy('"Action": ["s3:ListBucket"], "Resource": []'));
});

it("changes nothing by being looked at in both views", { timeout: 30_000 }, async () => {
  const text = `\r\n{"Version":"2012-10-17",\r\n\t"Statement" : ${other}, "Odd": [1,  2.50]}\r\n`;
  const { onText, user } = show(text);
  await screen.findByText(/Statement 1/);
  await user.click(screen.getByText("JSON"));
  await waitFor(() => expect(document.querySelector(".cm-content")?.textContent).toContain("2.50"));
  await user.click(screen.getByText("Visual"));
  await screen.findByText(/Statement 1/);
  expect(onText).not.toHaveBeenCalled();
});

it("names what only JSON shows", { timeout: 30_000 }, async () => {
  show(policy('"Action": 5, "Resource": "*", "Odd": true'));
  await screen.findByText("Actions is written in a way that only JSON shows. It stays as it is.");
  expect(screen.getByText("Odd is written in a way that only JSON shows. It stays as it is.")).toBeTruthy();
});

it("asks the server when nothing more is typed, and mends what it found", { timeout: 30_000 }, async () => {
  const text = '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}';
  const ValidatePolicy = vi.fn(({ policyDocument }: { policyDocument: string }) => ({
    findings: policyDocument.includes("Version")
      ? []
      : [
          {
            issueCode: "MISSING_VERSION",
            findingType: "WARNING",
            findingDetails: "We recommend a version.",
            learnMoreLink: "https://docs.aws.amazon.com/x",
            locations: [{ path: [], span: { start: { offset: 0 }, end: { offset: text.length } } }],
          },
        ],
  }));
  const { onText, user } = show(text, {}, { ValidatePolicy });
  await screen.findByText(/We recommend a version/);
  expect(ValidatePolicy).toHaveBeenCalledTimes(1);
  expect(ValidatePolicy.mock.calls[0]![0]).toMatchObject({ policyType: "IDENTITY_POLICY", policyDocument: text });
  await user.click(screen.getByText("Add the version 2012-10-17"));
  expect(onText).toHaveBeenLastCalledWith(text.replace("{", '{"Version": "2012-10-17", '));
  await screen.findByText("Nothing was found.");
});

it("says what is wrong with JSON without asking anybody", { timeout: 30_000 }, async () => {
  const ValidatePolicy = vi.fn();
  show('{"Statement": [}', {}, { ValidatePolicy });
  await screen.findByText("Line 1: A value is missing here.");
  expect(ValidatePolicy).not.toHaveBeenCalled();
  // What is no JSON has no forms.
  await waitFor(() => expect(document.querySelector(".cm-content")).toBeTruthy());
});

it("counts the document against its quota", { timeout: 30_000 }, async () => {
  show('{ "Version": "2012-10-17" }', { limit: 20, used: 3 });
  await screen.findByText(/27 of 20 characters \(7 too many\)/);
});

it("inserts what a template makes", { timeout: 30_000 }, async () => {
  const template = {
    id: "t",
    title: "Everything on one bucket",
    Form: ({ onStatement }: { onStatement: (s: never) => void }) => (
      <button type="button" onClick={() => onStatement({ Effect: "Allow", Action: "s3:*" } as never)}>
        fill in
      </button>
    ),
  };
  const { onText, user } = show(policy('"Action": "s3:GetObject", "Resource": "*"'), { templates: [template] });
  await user.click(await screen.findByText("Insert a template"));
  await user.click(await screen.findByText("Everything on one bucket"));
  await user.click(await screen.findByText("fill in"));
  fireEvent.submit(screen.getByText("fill in").closest("form")!);
  expect(onText).toHaveBeenLastCalledWith(
    `${policy('"Action": "s3:GetObject", "Resource": "*"').slice(0, -2)}, {"Effect": "Allow", "Action": "s3:*"}]}`,
  );
});
