import { beforeEach, expect, test } from "vitest";
import { recentOf, rememberRecent } from "./recent";

beforeEach(() => sessionStorage.clear());

test("what was opened last comes first, once, and another identity does not see it", () => {
  for (const name of ["a", "b", "a", "c", "d", "e", "f", "g", "h", "i"]) {
    rememberRecent("arn:1", { text: name, kind: "Roles", to: `/iam/roles/${name}` });
  }
  expect(recentOf("arn:1").map((r) => r.text)).toEqual(["i", "h", "g", "f", "e", "d", "c", "a"]);
  expect(recentOf("arn:2")).toEqual([]);
  sessionStorage.setItem("regent-console-recent arn:2", '[{"to":1},{"to":"/x","text":"x","kind":"k"}]');
  expect(recentOf("arn:2")).toEqual([{ to: "/x", text: "x", kind: "k" }]);
});
