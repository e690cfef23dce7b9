/** Reading lists that come in pages. */

export interface Page<T> {
  items: T[];
  /** What asks for the next page; undefined on the last. */
  next?: string;
}

/** Reads one page: from the beginning, or from where the last one ended. */
export type ReadPage<T> = (from: string | undefined) => Promise<Page<T>>;

/** Rows that a list reads by itself; more only on demand. */
export const enough = 1000;

/** Yields the pages of a list one after another. */
export async function* pagesOf<T>(read: ReadPage<T>, from?: string, signal?: AbortSignal): AsyncGenerator<Page<T>> {
  let marker = from;
  do {
    signal?.throwIfAborted();
    const page = await read(marker);
    yield page;
    // A server that hands out the marker it was given would be read forever.
    if (page.next !== undefined && page.next === marker) throw new Error("a list repeats its marker");
    marker = page.next;
  } while (marker !== undefined);
}

/** Reads pages until there are enough rows or the list ends; next is where to go on. */
export async function readUpTo<T>(
  read: ReadPage<T>,
  from?: string,
  signal?: AbortSignal,
  limit = enough,
): Promise<Page<T>> {
  const items: T[] = [];
  let next: string | undefined;
  for await (const page of pagesOf(read, from, signal)) {
    items.push(...page.items);
    next = page.next;
    if (items.length >= limit) break;
  }
  return { items, next };
}

/** Reads a whole list: for what needs all of it, such as the steps that detach everything from a user. */
export async function readAll<T>(read: ReadPage<T>, signal?: AbortSignal): Promise<T[]> {
  return (await readUpTo(read, undefined, signal, Infinity)).items;
}
