import { expect, test } from "vitest";
import { pasted, ranked, type Target } from "./targets";

const own = "111122223333";
const first = (query: string) => pasted(query, own, (kind) => kind)[0];

test.each([
  [`arn:aws:iam::${own}:user/ops/bob`, "/iam/users/bob"],
  [`arn:aws:sts::${own}:assumed-role/admin/alice`, "/iam/roles/admin"],
  [
    "arn:aws:iam::aws:policy/AdministratorAccess",
    "/iam/policies/arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FAdministratorAccess",
  ],
  ["arn:aws:s3:::bucket/a/b c", "/s3/bucket/a/b%20c"],
  ["1111-2222-3333", "/iam"],
  ["444455556666", "/org/accounts/444455556666"],
  ["AKIAIOSFODNN7EXAMPLE", "/iam/access-keys/AKIAIOSFODNN7EXAMPLE"],
  ["2dddf877-c378-4401-a4d4-04aa627ef886", "/events/2dddf877-c378-4401-a4d4-04aa627ef886/why"],
])("%s, pasted, leads to the thing itself", (query, to) => {
  expect(first(query)?.to).toBe(to);
  expect(first(query)?.href).toBeUndefined();
});

test("an ARN of another account leads to a session of that account", () => {
  expect(first("arn:aws:iam::444455556666:role/admin")?.href).toBe(
    "/_regent/console/iam/roles/admin?account=444455556666",
  );
});

test("what is nothing in particular is not guessed", () => {
  for (const query of ["alice", "arn:aws:foo", "12345", "arn:aws:sqs:us-east-1:1:q"])
    expect(first(query)).toBeUndefined();
});

test("names that begin with what was typed come first, then words, then the rest", () => {
  const target = (text: string): Target => ({ text, kind: "", to: text });
  const found = ranked(["xadminx", "s3-admin", "admin", "bob"].map(target), "Admin");
  expect(found.map((t) => t.text)).toEqual(["admin", "s3-admin", "xadminx"]);
});
