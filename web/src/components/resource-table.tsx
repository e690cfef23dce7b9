/** The table of all lists: filter, order, page and selection in the address, columns kept, cards where it is narrow. */
import { useCollection } from "@cloudscape-design/collection-hooks";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Cards from "@cloudscape-design/components/cards";
import CollectionPreferences, {
  type CollectionPreferencesProps,
} from "@cloudscape-design/components/collection-preferences";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import PropertyFilter from "@cloudscape-design/components/property-filter";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { useEffect, useMemo, type ReactNode } from "react";
import type { List } from "@/aws";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import { csv, download } from "./csv";
import { ErrorPanel } from "./error-panel";
import { PanelState } from "./panel-state";
import { usePreferences } from "./table-preferences";
import { useView } from "./table-view";
import { useNarrow } from "./use-narrow";

export type CellValue = string | number | boolean | Date | string[] | undefined;

export interface Column<T> {
  /** It stands in addresses: short, and it stays. */
  id: string;
  header: string;
  /** What is sorted, filtered and written to CSV. */
  value: (item: T) => CellValue;
  /** What is shown, where that is not the value. */
  cell?: (item: T) => ReactNode;
  /** Not among the filter's properties. */
  unfiltered?: boolean;
  /** Not shown until the reader wants it. */
  hidden?: boolean;
  minWidth?: number;
}

export interface ResourceTableProps<T> {
  /** Under which the reader's columns are kept: "users". */
  name: string;
  title: string;
  /** What these things are, or a link to more. */
  description?: ReactNode;
  list: List<T>;
  /** The first is the row's name: it is always shown, and the title of its card. */
  columns: Column<T>[];
  rowId: (item: T) => string;
  /** A column, "-" before it when descending; the first column unless said. Never the order of the server. */
  defaultSort?: string;
  /** <Empty …> */
  empty: ReactNode;
  /** Buttons of the header; they get what is selected. */
  actions?: (selected: T[]) => ReactNode;
  /** "multi" when acts are for many, "single" for one, none unless said. */
  selection?: "single" | "multi";
  /** More to filter by, above the filter: the page keeps it in the address and filters the list itself. */
  filters?: ReactNode;
  /** Tells two tables of one page apart in the address. */
  prefix?: string;
  /** A table in a page of more: h2 unless said. */
  heading?: "h1" | "h2" | "h3";
  variant?: TableProps.Variant;
}

/** A row as the collection hooks want it: values by column, beside the item. */
interface Row<T> {
  id: string;
  item: T;
  [column: `c_${string}`]: string | number;
}

export function ResourceTable<T>(props: ResourceTableProps<T>) {
  const { list, title, heading = "h2", description } = props;
  const denied = list.problem && (list.data === undefined || list.problem.kind === "denied");
  if (denied && list.problem) {
    return (
      <Container
        header={
          <Header variant={heading} description={description} actions={props.actions?.([])}>
            {title}
          </Header>
        }
      >
        <ErrorPanel problem={list.problem} retry={list.reload} />
      </Container>
    );
  }
  return <Rows {...props} />;
}

function Rows<T>(props: ResourceTableProps<T>) {
  const { name, title, list, columns, rowId, prefix = "", selection, heading = "h2" } = props;
  const m = useMessages(common);
  const narrow = useNarrow();
  const [first] = columns;
  const sort = props.defaultSort ?? first?.id ?? "";
  const defaults = useMemo(() => ({ sort: sort.replace(/^-/, ""), descending: sort.startsWith("-") }), [sort]);
  const { preferences, setPreferences } = usePreferences(name, columns);
  const view = useView(prefix, defaults);

  const yes = m("yes");
  const no = m("no");
  const rows = useMemo(
    () =>
      list.items.map((item): Row<T> => {
        const row: Row<T> = { id: rowId(item), item };
        for (const c of columns) row[`c_${c.id}`] = plain(c.value(item), yes, no);
        return row;
      }),
    // Columns are made anew at each rendering; what they say of an item is not.
    // oxlint-disable-next-line react/exhaustive-deps
    [list.items, yes, no],
  );
  const sortable = useMemo(
    () => new Map(columns.map((c) => [c.id, { sortingField: c.id, sortingComparator: comparator<T>(`c_${c.id}`) }])),
    // oxlint-disable-next-line react/exhaustive-deps
    [columns.map((c) => c.id).join()],
  );
  const sorting = (id: string, isDescending: boolean) => {
    const sortingColumn = sortable.get(id) ?? sortable.get(defaults.sort);
    return sortingColumn ? { sortingColumn, isDescending } : undefined;
  };

  const { items, allPageItems, actions, filteredItemsCount, collectionProps, propertyFilterProps, paginationProps } =
    useCollection(rows, {
      propertyFiltering: {
        filteringProperties: columns
          .filter((c) => !c.unfiltered)
          .map((c) => ({
            key: `c_${c.id}`,
            propertyLabel: c.header,
            groupValuesLabel: c.header,
            operators: [":", "!:", "=", "!=", "^", ">", "<", ">=", "<="],
          })),
        defaultQuery: prefixed(view.view.query),
        noMatch: (
          <NoMatch
            clear={() => view.change({ query: { tokens: [], operation: "and" }, page: 1 })}
            title={m("noMatches")}
          />
        ),
        empty: props.empty,
      },
      sorting: { defaultState: sorting(view.view.sort, view.view.descending) },
      pagination: { pageSize: preferences.pageSize, defaultPage: view.view.page, allowPageOutOfRange: !list.data },
      selection: { keepSelection: true, trackBy: "id" },
    });

  // The address is what counts: also when it changes by going back.
  const { query, sort: by, descending, page, selected } = view.view;
  const written = view.key;
  useEffect(() => {
    actions.setPropertyFiltering(prefixed(query));
    const state = sorting(by, descending);
    if (state) actions.setSorting(state);
    actions.setCurrentPage(page);
    // oxlint-disable-next-line react/exhaustive-deps
  }, [written]);
  const chosen = useMemo(() => {
    const ids = new Set(selected);
    return rows.filter((r) => ids.has(r.id));
  }, [selected, rows]);
  useEffect(() => {
    actions.setSelectedItems(chosen);
    // oxlint-disable-next-line react/exhaustive-deps
  }, [chosen]);

  const total = list.items.length;
  const matches = filteredItemsCount ?? total;
  const pages = {
    ...paginationProps,
    onChange: (event: Parameters<typeof paginationProps.onChange>[0]) =>
      view.change({ page: event.detail.currentPageIndex }),
  };
  const select = (ids: string[]) => view.change({ selected: ids });

  const header = (
    <Header
      variant={heading}
      description={props.description}
      counter={list.data && counter(m, total, chosen.length, list.more)}
      actions={
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          <Button
            formAction="none"
            iconName="refresh"
            ariaLabel={m("refresh")}
            loading={list.refreshing}
            onClick={list.reload}
          />
          {total > 0 && (
            <Button
              formAction="none"
              iconName="download"
              ariaLabel={m("csv")}
              onClick={() => download(`${name}.csv`, asCsv(columns, allPageItems))}
            />
          )}
          {props.actions?.(chosen.map((r) => r.item))}
        </SpaceBetween>
      }
    >
      {title}
    </Header>
  );

  // A handful of rows in a panel is seen at a glance; what a page is about keeps its filter.
  const handful = heading !== "h1" && list.data !== undefined && total <= few && query.tokens.length === 0;
  const properties = handful ? undefined : (
    <PropertyFilter
      {...propertyFilterProps}
      filteringOptions={worthOffering(propertyFilterProps.filteringOptions)}
      onChange={({ detail }) => view.change({ query: unprefixed(detail), page: 1 })}
      filteringPlaceholder={m("filterPlaceholder")}
      filteringAriaLabel={m("filterLabel")}
      countText={m(list.more ? "countMatchesMore" : "countMatches", { count: matches, read: total })}
      expandToViewport
    />
  );
  const filter = props.filters ? (
    <SpaceBetween size="s">
      {props.filters}
      {properties}
    </SpaceBetween>
  ) : (
    properties
  );

  const more = (
    <SpaceBetween size="xs" alignItems="center">
      {list.problem && <PanelState reading={list}>{() => null}</PanelState>}
      {list.more && (
        <Button formAction="none" loading={list.readingMore} onClick={list.readMore}>
          {m("readMore")}
        </Button>
      )}
    </SpaceBetween>
  );
  const footer = list.more || list.problem ? more : undefined;
  const preferencesButton = <Preferences columns={columns} value={preferences} onChange={setPreferences} />;
  const visible = preferences.contentDisplay.filter((d) => d.visible).map((d) => d.id);

  if (narrow) {
    return (
      <div>
        <Cards<Row<T>>
          {...collectionProps}
          items={items}
          trackBy="id"
          loading={list.loading}
          loadingText={m("loading")}
          header={
            <SpaceBetween size="s">
              {header}
              <SortBy columns={columns} view={view.view} change={view.change} />
            </SpaceBetween>
          }
          filter={filter}
          pagination={handful ? undefined : <Pagination {...pages} />}
          preferences={handful ? undefined : preferencesButton}
          selectionType={selection}
          selectedItems={chosen}
          onSelectionChange={({ detail }) => select(detail.selectedItems.map((r) => r.id))}
          ariaLabels={labels(m, title)}
          cardDefinition={{
            header: (row) => first && show(first, row),
            sections: columns
              .slice(1)
              .filter((c) => visible.includes(c.id))
              .map((c) => ({
                id: c.id,
                header: c.header,
                content: (row) => <div className="break">{show(c, row)}</div>,
              })),
          }}
        />
        {footer}
      </div>
    );
  }
  return (
    <Table<Row<T>>
      {...collectionProps}
      sortingColumn={sortable.get(by) as TableProps.SortingColumn<Row<T>> | undefined}
      sortingDescending={descending}
      onSortingChange={({ detail }) =>
        view.change({
          sort: detail.sortingColumn.sortingField ?? defaults.sort,
          descending: detail.isDescending ?? false,
        })
      }
      variant={props.variant ?? "container"}
      items={items}
      trackBy="id"
      loading={list.loading}
      loadingText={m("loading")}
      header={header}
      filter={filter}
      pagination={handful ? undefined : <Pagination {...pages} />}
      preferences={handful ? undefined : preferencesButton}
      footer={footer}
      selectionType={selection}
      selectedItems={chosen}
      onSelectionChange={({ detail }) => select(detail.selectedItems.map((r) => r.id))}
      ariaLabels={labels(m, title)}
      enableKeyboardNavigation
      wrapLines={preferences.wrapLines}
      stripedRows={preferences.stripedRows}
      stickyHeader
      columnDisplay={preferences.contentDisplay}
      columnDefinitions={columns.map((c, i) => ({
        id: c.id,
        header: c.header,
        cell: (row) => show(c, row),
        minWidth: c.minWidth ?? (i === 0 ? 160 : 110),
        isRowHeader: i === 0,
        ...sortable.get(c.id),
      }))}
    />
  );
}

/** So many rows need no filter and no pages. */
const few = 5;

function show<T>(column: Column<T>, row: Row<T>): ReactNode {
  if (column.cell) return column.cell(row.item);
  const value = row[`c_${column.id}`];
  return value === "" || value === undefined ? "–" : value;
}

/** A value as something that can be compared, filtered and written. */
export function plain(value: CellValue, yes = "true", no = "false"): string | number {
  if (value === undefined) return "";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "" : value.toISOString();
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "boolean") return value ? yes : no;
  return value;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Numbers by size, texts as people order them, nothing last of all in ascending order. */
function comparator<T>(key: `c_${string}`) {
  return (a: Row<T>, b: Row<T>): number => compare(a[key] ?? "", b[key] ?? "");
}

export function compare(a: string | number, b: string | number): number {
  if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return collator.compare(String(a), String(b));
}

type Query = ReturnType<typeof useView>["view"]["query"];

/** In the address a column has its own id; a row keeps its values apart from the item. */
function prefixed(query: Query): Query {
  const tokens = query.tokens.map((t) =>
    t.propertyKey === undefined ? t : { ...t, propertyKey: `c_${t.propertyKey}` },
  );
  return { ...query, tokens };
}

function unprefixed(query: Query): Query {
  const tokens = query.tokens.map((t) =>
    t.propertyKey === undefined ? t : { ...t, propertyKey: t.propertyKey.slice(2) },
  );
  return { ...query, tokens };
}

/** How many values of a property are offered to choose from. Each key that is typed draws them all. */
const most = 100;

/** Leaves out the values of properties that have a different one in nearly every row: nobody chooses from a thousand. */
function worthOffering<O extends { propertyKey: string }>(options: readonly O[]): O[] {
  const counts = new Map<string, number>();
  for (const { propertyKey } of options) counts.set(propertyKey, (counts.get(propertyKey) ?? 0) + 1);
  return options.filter(({ propertyKey }) => (counts.get(propertyKey) ?? 0) <= most);
}

/** "(3/120)", "(1,000+)": the count says when there is more than was read. */
function counter(
  m: ReturnType<typeof useMessages<typeof common.messages>>,
  count: number,
  selected: number,
  more: boolean,
) {
  if (selected > 0) return m(more ? "countSelectedMore" : "countSelected", { selected, count });
  return m(more ? "countMore" : "count", { count });
}

function labels(m: ReturnType<typeof useMessages<typeof common.messages>>, title: string) {
  return {
    tableLabel: title,
    cardsLabel: title,
    selectionGroupLabel: title,
    allItemsSelectionLabel: () => m("selectAll"),
    itemSelectionLabel: (_: unknown, row: { id: string }) => m("selectRow", { name: row.id }),
  };
}

function NoMatch({ clear, title }: { clear: () => void; title: string }) {
  const m = useMessages(common);
  return (
    <Box textAlign="center" padding="m">
      <SpaceBetween size="s">
        <Box variant="strong">{title}</Box>
        <Box color="text-body-secondary">{m("noMatchesText")}</Box>
        <Button formAction="none" onClick={clear}>
          {m("clearFilter")}
        </Button>
      </SpaceBetween>
    </Box>
  );
}

/** Cards have no headers to click on. */
function SortBy<T>({
  columns,
  view,
  change,
}: {
  columns: Column<T>[];
  view: { sort: string; descending: boolean };
  change: (part: { sort?: string; descending?: boolean }) => void;
}) {
  const m = useMessages(common);
  const options = columns.map((c) => ({ value: c.id, label: c.header }));
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Select
        ariaLabel={m("sortedBy")}
        inlineLabelText={m("sortedBy")}
        selectedOption={options.find((o) => o.value === view.sort) ?? options[0] ?? null}
        options={options}
        onChange={({ detail }) => change({ sort: detail.selectedOption.value })}
      />
      <Button
        formAction="none"
        iconName={view.descending ? "angle-down" : "angle-up"}
        ariaLabel={m(view.descending ? "descending" : "ascending")}
        onClick={() => change({ descending: !view.descending })}
      />
    </SpaceBetween>
  );
}

function Preferences<T>(props: {
  columns: Column<T>[];
  value: ReturnType<typeof usePreferences>["preferences"];
  onChange: (value: CollectionPreferencesProps.Preferences) => void;
}) {
  const m = useMessages(common);
  return (
    <CollectionPreferences
      title={m("preferences")}
      confirmLabel={m("confirm")}
      cancelLabel={m("cancel")}
      preferences={props.value}
      onConfirm={({ detail }) => props.onChange(detail)}
      pageSizePreference={{
        title: m("pageSize"),
        options: [10, 25, 50, 100].map((count) => ({ value: count, label: m("rows", { count }) })),
      }}
      wrapLinesPreference={{ label: m("wrapLines"), description: m("wrapLinesText") }}
      contentDisplayPreference={{
        title: m("columns"),
        options: props.columns.map((c, i) => ({ id: c.id, label: c.header, alwaysVisible: i === 0 })),
      }}
    />
  );
}

function asCsv<T>(columns: Column<T>[], rows: readonly Row<T>[]): string {
  return csv(
    columns.map((c) => c.header),
    rows.map((row) => columns.map((c) => row[`c_${c.id}`] ?? "")),
  );
}
