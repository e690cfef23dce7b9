/** What a word of a policy means, where the pointer rests on it. */
import type { EditorState } from "@codemirror/state";
import type { Texts } from "@/messages";
import type words from "@/messages/en/policy-editor";
import { covered, prefixOf, readGlobals, readService } from "../catalog";
import { matches } from "../model/glob";
import { findKey, isMultivalued, parseOperator } from "../model/keys";
import { actionsOf, contextAt } from "./context";
import { knownKeys } from "./complete";

type Words = Texts<(typeof words)["messages"]>;

export interface Explanation {
  from: number;
  to: number;
  title: string;
  lines: string[];
}

const elements = [
  "Version",
  "Id",
  "Statement",
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
] as const;

/** explain says what the word at a place means; undefined where there is nothing to say. */
export async function explain(state: EditorState, pos: number, words: Words): Promise<Explanation | undefined> {
  const context = contextAt(state, pos);
  if (!context?.quoted) return undefined;
  const { path, from, to } = context;
  const text = state.sliceDoc(from, to);
  const about = (title: string, ...lines: (string | undefined)[]) => ({
    from,
    to,
    title,
    lines: lines.filter((l) => l !== undefined),
  });
  if (context.what === "key") {
    const element = elements.find((e) => e === text);
    if (element && (path.length === 0 || (path.length === 1 && path[0] === "Statement"))) {
      return about(text, words(`element${element}`));
    }
    if (path[1] !== "Condition") return undefined;
    if (path.length === 2) return explainOperator(text, about, words);
    return path.length === 3 ? explainKey(state, context.statement, text, about, words) : undefined;
  }
  if (path[1] === "Action" || path[1] === "NotAction") return explainAction(text, about, words);
  return undefined;
}

type About = (title: string, ...lines: (string | undefined)[]) => Explanation;

async function explainOperator(text: string, about: About, words: Words) {
  const { operators } = await readGlobals();
  const o = parseOperator(text);
  if (!operators.some((known) => known.toLowerCase() === o.name.toLowerCase())) return undefined;
  return about(
    text,
    /like$/i.test(o.name) ? words("operatorLike") : undefined,
    /not/i.test(o.name) ? words("operatorNegated") : undefined,
    o.quantifier === "ForAllValues" ? words("operatorForAll") : undefined,
    o.quantifier === "ForAnyValue" ? words("operatorForAny") : undefined,
    o.ifExists ? words("operatorIfExists") : undefined,
    /^null$/i.test(o.name) ? words("operatorNull") : undefined,
  );
}

async function explainKey(
  state: EditorState,
  statement: Parameters<typeof actionsOf>[1],
  text: string,
  about: About,
  words: Words,
) {
  const patterns = actionsOf(state, statement);
  const { service, global } = await knownKeys(patterns);
  const key = findKey([...service, ...global], text);
  if (!key) return undefined;
  return about(
    key.name,
    words("keyType", { type: key.type }),
    isMultivalued(key.type) ? words("keyMultivalued") : undefined,
    key.about ? words(`keyAbout_${key.about}`) : undefined,
  );
}

async function explainAction(text: string, about: About, words: Words) {
  if (text === "*") return about("*", words("actionEvery"));
  const prefix = prefixOf(text);
  const service = prefix ? await readService(prefix) : undefined;
  if (!service) return undefined;
  const actions = covered(service, text);
  const single = actions.length === 1 && matches(text, `${service.prefix}:${actions[0]!.name}`) && !/[*?]/.test(text);
  if (!single) {
    const shown = actions.slice(0, 12).map((a) => a.name);
    return about(
      service.name,
      words("actionCovers", { count: actions.length, all: service.actions.length }),
      shown.length > 0 ? shown.join(", ") + (actions.length > shown.length ? ", …" : "") : undefined,
    );
  }
  const action = actions[0]!;
  const types = (action.resources ?? []).map((r) => (r.required ? `${r.type}*` : r.type));
  return about(
    `${service.prefix}:${action.name}`,
    words("actionOf", { service: service.name, access: action.access }),
    types.length > 0 ? words("actionTypes", { types: types.join(", ") }) : words("actionNoTypes"),
  );
}
