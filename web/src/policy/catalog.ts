/**
 * What the server knows of AWS's services: /_regent/console/catalog/. It is public and never changes while a page is
 * open, so every file is read once.
 */
import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { matches } from "./model/glob";
import type { Key } from "./model/keys";

export type Access = "List" | "Read" | "Write" | "Tagging" | "Permissions management" | "Unknown";

/** In the order in which they are shown. */
export const accessLevels: Access[] = ["List", "Read", "Write", "Permissions management", "Tagging"];

export interface Action {
  name: string;
  access: Access;
  resources?: { type: string; required?: boolean; keys?: string[] }[];
  keys?: string[];
}

export interface ResourceType {
  name: string;
  pattern: string;
  keys?: string[];
}

export interface Service {
  prefix: string;
  name: string;
  actions: Action[];
  resources?: ResourceType[];
  keys?: Key[];
}

export interface ServiceName {
  prefix: string;
  name: string;
}

export interface Globals {
  keys: Key[];
  operators: string[];
}

/** What a managed policy allows of a service: see the server. */
export interface Grants {
  actions?: string[];
  notActions?: string[][];
}

const files = new Map<string, Promise<unknown>>();

/** read returns a file of the catalog; undefined when there is none of that name. */
function read<T>(name: string): Promise<T | undefined> {
  let file = files.get(name) as Promise<T | undefined> | undefined;
  if (!file) {
    file = fetch(`${import.meta.env.BASE_URL}catalog/${name}.json`).then((answer) => {
      if (answer.status === 404) return undefined;
      if (!answer.ok) throw new TypeError(`catalog: ${answer.status}`);
      return answer.json() as Promise<T>;
    });
    files.set(name, file);
    // What failed is asked for again.
    file.catch(() => files.delete(name));
  }
  return file;
}

const isPrefix = (prefix: string) => /^[a-z0-9-]+$/.test(prefix) && prefix !== "services" && prefix !== "global";

export const readServices = () => read<{ services: ServiceName[] }>("services").then((f) => f?.services ?? []);
export const readGlobals = () => read<Globals>("global").then((f) => f ?? { keys: [], operators: [] });

/** readService returns a service; undefined when there is none of that prefix. */
export function readService(prefix: string): Promise<Service | undefined> {
  const folded = prefix.toLowerCase();
  return isPrefix(folded) ? read<Service>(folded) : Promise.resolve(undefined);
}

/** readManagedGrants returns what managed policies allow of a service, by their names. */
export const readManagedGrants = (prefix: string) =>
  isPrefix(prefix.toLowerCase())
    ? read<{ policies: Record<string, Grants> }>(`policies/${prefix.toLowerCase()}`).then((f) => f?.policies ?? {})
    : Promise.resolve({} as Record<string, Grants>);

const forGood = { staleTime: Infinity, gcTime: Infinity } as const;

export function useServices(): ServiceName[] {
  return useQuery({ queryKey: ["catalog", "services"], queryFn: readServices, ...forGood }).data ?? noServices;
}

const noServices: ServiceName[] = [];
const noGlobals: Globals = { keys: [], operators: [] };

export function useGlobals(): Globals {
  return useQuery({ queryKey: ["catalog", "global"], queryFn: readGlobals, ...forGood }).data ?? noGlobals;
}

/** useServicesOf returns the services of prefixes, as far as they are there and were read. */
export function useServicesOf(prefixes: readonly string[]): Service[] {
  return useQueries({
    queries: prefixes.map((prefix) => ({
      queryKey: ["catalog", "service", prefix],
      // A query may not have undefined as its answer.
      queryFn: async () => (await readService(prefix)) ?? null,
      ...forGood,
    })),
    combine: (results) => results.flatMap((r) => (r.data ? [r.data] : [])),
  });
}

/** useService returns one service, when it is known. */
export function useService(prefix: string | undefined): Service | undefined {
  const prefixes = useMemo(() => (prefix ? [prefix] : []), [prefix]);
  return useServicesOf(prefixes)[0];
}

/** prefixOf is the service that an action or pattern names, in lower case; "*" names none. */
export function prefixOf(action: string): string | undefined {
  const colon = action.indexOf(":");
  const prefix = action.slice(0, colon).toLowerCase();
  return colon > 0 && isPrefix(prefix) ? prefix : undefined;
}

/**
 * Services that forms look up for one statement. A policy such as ReadOnlyAccess names hundreds: to offer resources and
 * keys of all of them would help nobody.
 */
export const mostServices = 12;

/** prefixesOf returns the services that patterns name, each once, in order. */
export const prefixesOf = (patterns: readonly string[]) => [
  ...new Set(patterns.map(prefixOf).filter((p) => p !== undefined)),
];

/** covered returns the actions of a service that a pattern covers. */
export function covered(service: Service, pattern: string): Action[] {
  return service.actions.filter((a) => matches(pattern, `${service.prefix}:${a.name}`));
}

/** resourceTypesOf returns the types of resources that actions take, those that one requires first. */
export function resourceTypesOf(
  service: Service,
  actions: readonly Action[],
): (ResourceType & { required: boolean })[] {
  const names = new Map<string, boolean>();
  for (const r of actions.flatMap((a) => a.resources ?? [])) {
    names.set(r.type, names.get(r.type) || (r.required ?? false));
  }
  return (service.resources ?? [])
    .filter((t) => names.has(t.name))
    .map((t) => ({ ...t, required: names.get(t.name) ?? false }))
    .toSorted((a, b) => Number(b.required) - Number(a.required));
}

/** keysOf returns the service's condition keys that actions know: their own, and those of what they act on. */
export function keysOf(service: Service, actions: readonly Action[]): Key[] {
  const names = new Set<string>();
  for (const a of actions) {
    for (const k of a.keys ?? []) names.add(k);
    for (const r of a.resources ?? []) {
      for (const k of r.keys ?? []) names.add(k);
      for (const k of service.resources?.find((t) => t.name === r.type)?.keys ?? []) names.add(k);
    }
  }
  return (service.keys ?? []).filter((k) => names.has(k.name));
}
