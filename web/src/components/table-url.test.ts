import { expect, test } from "vitest";
import { readView, writeView, type TableView } from "./table-url";

const defaults = { sort: "name", descending: false };
const read = (search: string, prefix = "") => readView(new URLSearchParams(search), prefix, defaults);
const written = (view: Partial<TableView>, search = "", prefix = "") =>
  writeView(new URLSearchParams(search), prefix, { ...read(""), ...view }, defaults).toString();

test("an address that says nothing shows the first page by name", () => {
  expect(read("")).toEqual({
    query: { tokens: [], operation: "and" },
    sort: "name",
    descending: false,
    page: 1,
    selected: [],
  });
});

test.each([
  "f=path%3Aops",
  "f=name%21%3Dbob&f=age%3E%3D90&join=or",
  "q=free+text&f=path%5E%2Fops%2F",
  "sort=-created&page=3",
  "sel=alice&sel=bob",
])("what an address says is what it is written as: %s", (address) => {
  const view = read(address);
  expect(written(view)).toBe(address);
});

test("values may hold what operators are made of", () => {
  const query = {
    tokens: [{ propertyKey: "arn", operator: "=", value: "a:b=c>d" } as const],
    operation: "and" as const,
  };
  expect(read(written({ query })).query).toEqual(query);
});

test("what is not the table's stays", () => {
  expect(written({ page: 2 }, "tab=groups&page=7")).toBe("tab=groups&page=2");
  expect(written({ page: 2 }, "page=7", "i.")).toBe("page=7&i.page=2");
  expect(read("page=7&i.page=2", "i.").page).toBe(2);
});

test("nonsense in an address is passed over", () => {
  expect(read("page=-1&f=nothing&f=%3D&sort=")).toMatchObject({ page: 1, query: { tokens: [] } });
});

test("a long selection is left out of the address", () => {
  expect(written({ selected: Array.from({ length: 51 }, (_, i) => `u${i}`) })).toBe("");
});
