/**
 * How pages read and write. Every key begins with the session's id, so that nothing that one session may read is ever
 * shown in another.
 */
import {
  QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type QueryKey,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { useSession } from "./context";
import { problemOf, type Problem } from "./errors";
import { readUpTo, type ReadPage } from "./pages";
import { useNotices } from "./notices";

/** Only what may go better the next time is asked again. */
function retry(count: number, error: unknown): boolean {
  if (count >= 2) return false;
  const problem = problemOf(error);
  if (problem.kind === "network" || problem.kind === "throttled") return true;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status !== undefined && status >= 500;
}

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry, staleTime: 15_000, gcTime: 10 * 60_000, refetchOnWindowFocus: true },
      // What a write answers may be a secret that is shown once: it is not kept.
      mutations: { retry: false, gcTime: 0 },
    },
  });
}

/** What a panel shows: see components/panel-state. */
export interface Reading<T> {
  data: T | undefined;
  problem: Problem | undefined;
  /** Nothing to show yet. */
  loading: boolean;
  /** Something is shown and newer is being asked for. */
  refreshing: boolean;
  /** When data was read. */
  readAt: Date | undefined;
  reload: () => void;
}

/** Reads one thing. The key says what it is: ["iam", "user", name]. */
export function useRead<T>(key: QueryKey, read: () => Promise<T>, options: { enabled?: boolean } = {}): Reading<T> {
  const { session } = useSession();
  const query = useQuery({ queryKey: [session.id, ...key], queryFn: read, enabled: options.enabled ?? true });
  return {
    data: query.data,
    problem: query.error ? problemOf(query.error) : undefined,
    loading: query.isPending && query.fetchStatus !== "idle",
    refreshing: query.isFetching && !query.isPending,
    readAt: query.dataUpdatedAt > 0 ? new Date(query.dataUpdatedAt) : undefined,
    reload: () => void query.refetch(),
  };
}

/** A list that was read so far. */
export interface List<T> extends Reading<T[]> {
  items: T[];
  /** Whether the server has more than was read. */
  more: boolean;
  readMore: () => void;
  readingMore: boolean;
}

/** Reads a list, all of it up to 1,000 rows; then readMore reads on. */
export function useList<T>(key: QueryKey, read: ReadPage<T>, options: { enabled?: boolean } = {}): List<T> {
  const { session } = useSession();
  const query = useInfiniteQuery({
    queryKey: [session.id, ...key],
    queryFn: ({ pageParam, signal }) => readUpTo(read, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    enabled: options.enabled ?? true,
  });
  const data = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  return {
    data,
    items: data ?? none,
    problem: query.error ? problemOf(query.error) : undefined,
    loading: query.isPending && query.fetchStatus !== "idle",
    refreshing: query.isFetching && !query.isPending && !query.isFetchingNextPage,
    readAt: query.dataUpdatedAt > 0 ? new Date(query.dataUpdatedAt) : undefined,
    reload: () => void query.refetch(),
    more: query.hasNextPage,
    readMore: () => void query.fetchNextPage(),
    readingMore: query.isFetchingNextPage,
  };
}

const none: never[] = [];

export interface Write<I, O> {
  /** Starts it; what went wrong is in problem. */
  start: (input: I) => void;
  /** Starts it and waits; undefined when it went wrong, and then problem says what. */
  run: (input: I) => Promise<{ output: O } | undefined>;
  pending: boolean;
  problem: Problem | undefined;
  /** Forgets the problem: when a dialog is opened anew. */
  reset: () => void;
}

export interface WriteOptions<I, O> {
  /** Keys of what is read anew afterwards: ["iam", "users"] covers everything below it. */
  invalidates: QueryKey[];
  /** The sentence of the flash message. */
  done?: (output: O, input: I) => string;
  onDone?: (output: O, input: I) => void;
  /** Where there is no form beside which to show a problem: show it as a flash message. */
  flashProblem?: boolean;
}

/** Writes something: invalidates what it changed, says so, and keeps what went wrong for the form to show. */
export function useWrite<I, O>(write: (input: I) => Promise<O>, options: WriteOptions<I, O>): Write<I, O> {
  const { session } = useSession();
  const queries = useQueryClient();
  const notices = useNotices();
  const mutation = useMutation<O, unknown, I>({
    mutationFn: write,
    onSettled: () =>
      // After a failure too: a write of several steps may have done some.
      Promise.all(options.invalidates.map((key) => queries.invalidateQueries({ queryKey: [session.id, ...key] }))),
    onSuccess: (output, input) => {
      if (options.done) notices.success(options.done(output, input));
      options.onDone?.(output, input);
    },
    onError: (error) => {
      if (options.flashProblem) notices.problem(problemOf(error));
    },
  });
  return {
    start: (input) => mutation.mutate(input),
    run: (input) =>
      mutation.mutateAsync(input).then(
        (output) => ({ output }),
        () => undefined,
      ),
    pending: mutation.isPending,
    problem: mutation.error ? problemOf(mutation.error) : undefined,
    reset: mutation.reset,
  };
}
