/**
 * The texts of the console. Each area has a catalogue, messages/en/<area>.ts, in ICU message syntax; its pages import it
 * and ask useMessages for what is written there in the reader's language.
 */
import { IntlMessageFormat } from "intl-messageformat";
import { createContext, createElement, Fragment, useContext, useMemo, type ReactNode } from "react";

export type Messages = Record<string, string>;

/** A catalogue with the name under which translations are found. */
export interface Catalogue<M extends Messages> {
  area: string;
  messages: M;
}

/** Makes a catalogue; the constraint keeps its texts as literal types, from which arguments are checked. */
export function catalogue<const M extends Messages>(area: string, messages: M): Catalogue<M> {
  return { area, messages };
}

export type Value = string | number | Date;

type Letter<S extends string> = S extends `${infer Head}${string}`
  ? Lowercase<Head> extends Uppercase<Head>
    ? false
    : true
  : false;

/** "name" of "{name}" and of "{count, plural, …}"; texts of branches, which have spaces or signs in them, are none. */
type Name<S extends string> = S extends `${string} ${string}` | `${string}#${string}`
  ? never
  : Letter<S> extends true
    ? S
    : never;

type Arguments<S extends string> = S extends `${string}{${infer Rest}`
  ? | (Rest extends `${infer Inner}}${string}`
        ? Inner extends `${infer Head},${string}`
          ? Name<Head>
          : Name<Inner>
        : never)
    | Arguments<Rest>
  : never;

/** The arguments that a message must be given; others may be. */
type Given<S extends string, V> = [Arguments<S>] extends [never]
  ? [values?: Record<string, V>]
  : [values: { [K in Arguments<S>]: V }];

export interface Texts<M extends Messages> {
  <K extends keyof M & string>(key: K, ...given: Given<M[K], Value>): string;
  /** For texts with elements in them: values may be nodes, and <b>…</b> is what values.b makes of it. */
  rich<K extends keyof M & string>(
    key: K,
    values: Record<string, ReactNode | Date | ((chunks: ReactNode) => ReactNode)>,
  ): ReactNode;
}

/** Translations: by area, then by key. What is missing is shown in English. */
export type Translations = Record<string, Messages | undefined>;

export interface Language {
  locale: string;
  translations: Translations;
}

export const LanguageContext = createContext<Language>({ locale: "en", translations: {} });

const formats = new Map<string, IntlMessageFormat>();

function formatOf(locale: string, text: string): IntlMessageFormat {
  const id = `${locale}\n${text}`;
  let format = formats.get(id);
  if (format === undefined) formats.set(id, (format = new IntlMessageFormat(text, locale)));
  return format;
}

/** Returns a catalogue's texts in a language. */
export function textsOf<M extends Messages>(of: Catalogue<M>, language: Language): Texts<M> {
  const text = (key: string) => language.translations[of.area]?.[key] ?? of.messages[key] ?? key;
  const texts = (key: string, values?: Record<string, Value>) =>
    String(formatOf(language.locale, text(key)).format(values));
  const rich = (key: string, values: Record<string, unknown>) => {
    const wrapped = Object.fromEntries(
      Object.entries(values).map(([name, value]) =>
        typeof value === "function"
          ? [name, (chunks: ReactNode[]) => (value as (chunks: ReactNode) => ReactNode)(nodes(chunks))]
          : [name, value],
      ),
    );
    const parts = formatOf(language.locale, text(key)).format<ReactNode>(wrapped as never);
    return nodes(Array.isArray(parts) ? parts : [parts]);
  };
  return Object.assign(texts, { rich }) as unknown as Texts<M>;
}

/** Children of a formatted text have no keys of their own. */
function nodes(parts: ReactNode[]): ReactNode {
  return createElement(Fragment, null, ...parts);
}

/** Returns the texts of a catalogue in the reader's language. */
export function useMessages<M extends Messages>(of: Catalogue<M>): Texts<M> {
  const language = useContext(LanguageContext);
  return useMemo(() => textsOf(of, language), [of, language]);
}

export function useLocale(): string {
  return useContext(LanguageContext).locale;
}
