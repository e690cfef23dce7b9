/** What a table shows, as its address says it: a link shows what you saw. */
import type { PropertyFilterQuery } from "@cloudscape-design/collection-hooks";

export interface TableView {
  query: PropertyFilterQuery;
  /** The id of a column. */
  sort: string;
  descending: boolean;
  page: number;
  selected: string[];
}

type Token = PropertyFilterQuery["tokens"][number];

const operator = /^([\w-]+?)(!:|!=|!\^|>=|<=|:|=|\^|>|<)(.*)$/s;

/** Selections longer than this do not go into an address. */
export const mostSelected = 50;

/** Reads the address. The prefix tells two tables of one page apart. */
export function readView(
  search: URLSearchParams,
  prefix: string,
  defaults: { sort: string; descending: boolean },
): TableView {
  const sort = search.get(`${prefix}sort`);
  const page = Number(search.get(`${prefix}page`));
  const tokens: Token[] = search.getAll(`${prefix}f`).flatMap((text) => {
    const [, propertyKey, op, value] = operator.exec(text) ?? [];
    return propertyKey && op ? [{ propertyKey, operator: op, value: value ?? "" } as Token] : [];
  });
  const words: Token[] = search.getAll(`${prefix}q`).map((value) => ({ operator: ":", value }));
  return {
    query: { tokens: [...words, ...tokens], operation: search.get(`${prefix}join`) === "or" ? "or" : "and" },
    sort: sort === null ? defaults.sort : sort.replace(/^-/, ""),
    descending: sort === null ? defaults.descending : sort.startsWith("-"),
    page: Number.isInteger(page) && page > 0 ? page : 1,
    selected: search.getAll(`${prefix}sel`),
  };
}

/** Writes a view into an address; what is as always is left out. */
export function writeView(
  search: URLSearchParams,
  prefix: string,
  view: TableView,
  defaults: { sort: string; descending: boolean },
): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const name of ["q", "f", "join", "sort", "page", "sel"]) next.delete(prefix + name);
  for (const { propertyKey, operator: op, value } of view.query.tokens) {
    if (propertyKey === undefined && op === ":") next.append(`${prefix}q`, String(value));
    else if (propertyKey !== undefined) next.append(`${prefix}f`, `${propertyKey}${op}${value}`);
  }
  if (view.query.operation === "or" && view.query.tokens.length > 1) next.set(`${prefix}join`, "or");
  if (view.sort !== defaults.sort || view.descending !== defaults.descending) {
    next.set(`${prefix}sort`, (view.descending ? "-" : "") + view.sort);
  }
  if (view.page > 1) next.set(`${prefix}page`, String(view.page));
  if (view.selected.length <= mostSelected) for (const id of view.selected) next.append(`${prefix}sel`, id);
  return next;
}
