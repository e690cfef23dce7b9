/** Where in a policy a place of a text is, by the editor's syntax tree: that of a text which is still being written. */
import { ensureSyntaxTree, syntaxTree } from "@codemirror/language";
import type { EditorState } from "@codemirror/state";

export type SyntaxNode = ReturnType<typeof syntaxTree>["topNode"];

export interface Context {
  /** Names of the elements down to here: ["Statement", "Action"]. Lists have no names. */
  path: string[];
  /** A name is written here, or a value. */
  what: "key" | "value";
  /** What is there already, without quotes. */
  from: number;
  to: number;
  /** Whether it stands in quotes. */
  quoted: boolean;
  /** A key's value is there already. */
  hasValue: boolean;
  /** The statement that this is in. */
  statement?: SyntaxNode;
  /** The object that the key or value stands in. */
  object?: SyntaxNode;
}

const isText = (name: string) => name === "String" || name === "PropertyName";

/** contextAt says what is written at a place; undefined where nothing can be. */
export function contextAt(state: EditorState, pos: number): Context | undefined {
  const tree = ensureSyntaxTree(state, pos, 50) ?? syntaxTree(state);
  let node = tree.resolveInner(pos, -1);
  const text = isText(node.name) ? node : undefined;
  // Before the opening quote, or behind the closing one, nothing is written.
  if (text && (pos <= text.from || (pos >= text.to && closed(state, text)))) return undefined;
  if (node.type.isError && node.parent) node = node.parent;
  const what = whatAt(state, node, text, pos);
  if (!what) return undefined;
  const inner = text
    ? { from: text.from + 1, to: closed(state, text) ? text.to - 1 : text.to, quoted: true }
    : { ...wordAt(state, pos), quoted: false };
  const context: Context = { path: [], what, ...inner, hasValue: false };
  if (text?.name === "PropertyName") {
    const last = text.parent?.lastChild;
    context.hasValue = last !== null && last !== undefined && last.from > text.to && !last.type.isError;
  }
  // The name that is being written is no part of the path to it.
  let at: SyntaxNode | null = text?.name === "PropertyName" ? (text.parent?.parent ?? null) : node;
  for (; at; at = at.parent) {
    if (at.name === "Property") context.path.unshift(nameOf(state, at));
    if (at.name !== "Object") continue;
    context.object ??= at;
    if (at.parent?.name === "Property" || at.parent?.name === "Array") {
      const holder = at.parent.name === "Array" ? at.parent.parent : at.parent;
      if (holder?.name === "Property" && nameOf(state, holder) === "Statement") context.statement = at;
    }
  }
  return context;
}

function whatAt(state: EditorState, node: SyntaxNode, text: SyntaxNode | undefined, pos: number) {
  if (text) return text.name === "PropertyName" ? "key" : "value";
  switch (node.name) {
    case "Object":
      return "key";
    case "Array":
      return "value";
    case "Property":
      return state.sliceDoc(node.from, pos).includes(":") ? "value" : undefined;
  }
  return undefined;
}

const closed = (state: EditorState, node: SyntaxNode) =>
  node.to - node.from > 1 &&
  state.sliceDoc(node.to - 1, node.to) === '"' &&
  state.sliceDoc(node.to - 2, node.to - 1) !== "\\";

function wordAt(state: EditorState, pos: number) {
  const line = state.doc.lineAt(pos);
  const before = /[\w:*-]*$/.exec(line.text.slice(0, pos - line.from))?.[0] ?? "";
  return { from: pos - before.length, to: pos };
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text.replace(/^"|"$/g, "");
  }
}

export function nameOf(state: EditorState, property: SyntaxNode): string {
  const name = property.getChild("PropertyName");
  return name ? unquoted(state.sliceDoc(name.from, name.to)) : "";
}

/** propertiesOf returns the members of an object by name. */
export function propertiesOf(state: EditorState, object: SyntaxNode | undefined): Map<string, SyntaxNode> {
  return new Map((object?.getChildren("Property") ?? []).map((p) => [nameOf(state, p), p]));
}

/** textsIn returns the strings of a member: its one, or those of its list. */
export function textsIn(state: EditorState, property: SyntaxNode | undefined): string[] {
  const strings = [
    ...(property?.getChildren("String") ?? []),
    ...(property?.getChild("Array")?.getChildren("String") ?? []),
  ];
  return strings.map((n) => unquoted(state.sliceDoc(n.from, n.to)));
}

/** actionsOf returns the patterns of a statement's actions. */
export function actionsOf(state: EditorState, statement: SyntaxNode | undefined): string[] {
  const properties = propertiesOf(state, statement);
  return [...textsIn(state, properties.get("Action")), ...textsIn(state, properties.get("NotAction"))];
}
