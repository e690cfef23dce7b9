import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";
import { TokenInput } from "./token-input";

function Field({ onValues }: { onValues: (values: string[]) => void }) {
  const [values, setValues] = useState<string[]>([]);
  return (
    <TokenInput
      label="Names"
      values={values}
      onChange={(next) => {
        setValues(next);
        onValues(next);
      }}
      options={[{ value: "user/alice" }, { value: "user/alina" }]}
      check={(value) => (value.includes(" ") ? "No spaces" : undefined)}
      texts={{ add: "Add", use: (text) => `Use ${text}`, remove: (value) => `Remove ${value}`, chosen: "Chosen" }}
    />
  );
}

test("names are typed and taken away; a wrong one is not added", async () => {
  let values: string[] = [];
  render(<Field onValues={(next) => (values = next)} />);
  const input = screen.getByRole("combobox");
  const settled = () => new Promise((done) => setTimeout(done, 10));

  await userEvent.type(input, "role/x{Enter}");
  await settled();
  expect(values).toEqual(["role/x"]);

  // From the list by the keyboard: tried in a browser.
  await userEvent.type(input, "user/alice");
  await userEvent.click(screen.getByRole("button", { name: "Add: Names" }));
  expect(values).toEqual(["role/x", "user/alice"]);

  await userEvent.type(input, "two words{Enter}");
  await settled();
  expect(screen.getByText("No spaces")).toBeTruthy();
  expect(values).toEqual(["role/x", "user/alice"]);
  expect((input as HTMLInputElement).value).toBe("two words");

  await userEvent.click(screen.getByRole("button", { name: "Remove role/x" }));
  expect(values).toEqual(["user/alice"]);
});
