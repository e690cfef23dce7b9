import { expect, test } from "vitest";
import { csv } from "./csv";

test("cells are quoted where they must be", () => {
  expect(
    csv(
      ["Name", "Age"],
      [
        ['a "b", c', 3],
        ["x\ny", -1],
      ],
    ),
  ).toBe('Name,Age\r\n"a ""b"", c",3\r\n"x\ny",-1\r\n');
});

// Rules: TH-88
test("a name is no formula to a spreadsheet", () => {
  expect(csv(["Name"], [["=HYPERLINK(1)"], ["+1"], ["@x"], ["-1"], ["a=b"]])).toBe(
    "Name\r\n'=HYPERLINK(1)\r\n'+1\r\n'@x\r\n'-1\r\na=b\r\n",
  );
});
