/** What a folder of pages/ tells the shell: its routes.tsx exports routes and navigation of these types. */
import type { RouteObject } from "react-router";
import { textsOf, type Catalogue, type Language, type Messages } from "@/messages";

/** A text of a catalogue that is looked up where it is shown. */
export interface Text {
  in: (language: Language) => string;
}

/** Refers to a text of a catalogue, which takes no arguments. */
export function text<M extends Messages>(of: Catalogue<M>, key: keyof M & string): Text {
  return { in: (language) => (textsOf(of, language) as unknown as (key: string) => string)(key) };
}

/** A step of the breadcrumbs: a text, one that leads somewhere, or what the address has in place of ":name". */
export type Crumb = Text | { text: Text; to: string } | `:${string}`;

export interface PageHandle {
  crumbs: Crumb[];
}

export type PageRoute = RouteObject & { handle: PageHandle };

export type Section = "home" | "iam" | "access" | "organization" | "storage" | "me";

/** A line of the side navigation; the command palette knows it too. */
export interface NavigationItem {
  section: Section;
  /** Lines of a section stand in this order. */
  order: number;
  text: Text;
  /** Below the session: /iam/users. */
  to: string;
  /** The letter that leads here after g. */
  shortcut?: string;
  /** Only in the palette. */
  hidden?: boolean;
}

export interface AreaModule {
  routes: PageRoute[];
  navigation: NavigationItem[];
}
