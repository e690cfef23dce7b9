/** What may be written at a place of a policy. */
import { snippet, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import type { Texts } from "@/messages";
import type words from "@/messages/en/policy-editor";
import {
  covered,
  keysOf,
  mostServices,
  prefixesOf,
  readGlobals,
  readService,
  readServices,
  resourceTypesOf,
  type Service,
} from "../catalog";
import { hasPrincipal, hasResource, principalTypes, type PolicyKind } from "../model/document";
import { findKey, isMultivalued, parseOperator, templateOf, type Key } from "../model/keys";
import { actionsOf, contextAt, propertiesOf, type Context } from "./context";

type Words = Texts<(typeof words)["messages"]>;

export interface Options {
  kind: PolicyKind;
  accountId: string;
  words: Words;
}

/** complete offers what may stand where the cursor is. */
export async function complete(at: CompletionContext, options: Options): Promise<CompletionResult | null> {
  const context = contextAt(at.state, at.pos);
  if (!context) return null;
  // Outside of quotes only when asked, or when something is written.
  if (!context.quoted && !at.explicit && context.from === context.to) return null;
  const found = await (context.what === "key" ? keys(at, context, options) : values(at, context, options));
  if (at.aborted || !found || found.options.length === 0) return null;
  return { from: context.from, to: context.to, validFor: /^[-\w*]*$/, ...found };
}

type Found = Pick<CompletionResult, "options"> & Partial<CompletionResult>;

/** The names of elements, each with what comes behind it. */
const templates: Record<string, string> = {
  Version: '"2012-10-17"',
  Id: '"${}"',
  Statement: "[\n\t{\n\t\t${}\n\t}\n]",
  Sid: '"${}"',
  Effect: '"${Allow}"',
  Principal: '{ "AWS": "${}" }',
  NotPrincipal: '{ "AWS": "${}" }',
  Action: '"${}"',
  NotAction: '"${}"',
  Resource: '"${*}"',
  NotResource: '"${}"',
  Condition: "{\n\t${}\n}",
};

async function keys(at: CompletionContext, context: Context, options: Options): Promise<Found | undefined> {
  const { path } = context;
  const there = propertiesOf(at.state, context.object);
  const name = (label: string, template: string, more: Partial<Completion> = {}): Completion => ({
    label,
    type: "property",
    apply: writeKey(context, label, template),
    ...more,
  });
  if (path.length === 0) {
    return { options: ["Version", "Id", "Statement"].filter((k) => !there.has(k)).map((k) => name(k, templates[k]!)) };
  }
  if (path.length === 1 && path[0] === "Statement") {
    const without = (element: string) => !there.has(element) && !there.has(`Not${element}`);
    const names = [
      !there.has("Sid") && "Sid",
      !there.has("Effect") && "Effect",
      ...(hasPrincipal(options.kind) && without("Principal") ? ["Principal", "NotPrincipal"] : []),
      ...(without("Action") ? ["Action", "NotAction"] : []),
      ...(hasResource(options.kind) && without("Resource") ? ["Resource", "NotResource"] : []),
      !there.has("Condition") && "Condition",
    ].filter((k) => k !== false);
    return {
      options: names.map((k) => name(k, templates[k]!, { info: options.words(`element${k}` as "elementSid") })),
    };
  }
  const element = path[1];
  if (path.length === 2 && (element === "Principal" || element === "NotPrincipal")) {
    return { options: principalTypes.filter((t) => !there.has(t)).map((t) => name(t, '"${}"')) };
  }
  if (element !== "Condition") return undefined;
  if (path.length === 2) {
    const { operators } = await readGlobals();
    const plain = operators.map((o) => name(o, '{ "${}": "" }'));
    const qualified = operators
      .filter((o) => o !== "Null")
      .flatMap((o) => [`${o}IfExists`, `ForAnyValue:${o}`, `ForAllValues:${o}`])
      .map((o) => name(o, '{ "${}": "" }', { boost: -10 }));
    return { options: [...plain, ...qualified], validFor: /^[\w:]*$/ };
  }
  if (path.length === 3) {
    const { service, global } = await knownKeys(actionsOf(at.state, context.statement));
    const option = (k: Key, boost: number) =>
      name(labelOf(k), '"${}"', { detail: k.type, boost, info: aboutKey(k, options.words) });
    return {
      options: [...service.map((k) => option(k, 5)), ...global.map((k) => option(k, 0))],
      validFor: /^[\w:/\-.]*$/,
    };
  }
  return undefined;
}

/** What is to be filled in is left to the writer: "aws:RequestTag/". */
const labelOf = (k: Key) => templateOf(k.name)?.before ?? k.name;

const aboutKey = (k: Key, words: Words) => (isMultivalued(k.type) ? words("keyMultivalued") : undefined);

/** knownKeys returns the keys that the actions of a statement know, and the global ones. */
export async function knownKeys(patterns: readonly string[]): Promise<{ service: Key[]; global: Key[] }> {
  const [{ keys: global }, services] = await Promise.all([readGlobals(), servicesOf(patterns)]);
  const isGlobal = new Set(global.map((k) => k.name));
  const service = services.flatMap((s) => {
    const own = keysOf(
      s,
      patterns.flatMap((p) => covered(s, p)),
    );
    return own.length > 0 ? own : (s.keys ?? []);
  });
  return { service: service.filter((k) => !isGlobal.has(k.name)), global };
}

async function servicesOf(patterns: readonly string[]): Promise<Service[]> {
  const services = await Promise.all(prefixesOf(patterns).slice(0, mostServices).map(readService));
  return services.filter((s) => s !== undefined);
}

async function values(at: CompletionContext, context: Context, options: Options): Promise<Found | undefined> {
  const { path } = context;
  const value = (label: string, more: Partial<Completion> = {}): Completion => ({
    label,
    type: "constant",
    apply: context.quoted ? andLeave(label) : JSON.stringify(label),
    ...more,
  });
  const [first, element] = path;
  if (path.length === 1 && first === "Version")
    return { options: [value("2012-10-17"), value("2008-10-17", { boost: -1 })] };
  if (first !== "Statement" || !element) return undefined;
  switch (element) {
    case "Effect":
      return { options: [value("Allow"), value("Deny")] };
    case "Action":
    case "NotAction":
      return actions(at, context, value);
    case "Resource":
    case "NotResource":
      return resources(at, context, value, options);
    case "Principal":
    case "NotPrincipal":
      return principals(path[2], value, options);
    case "Condition":
      return conditionValues(at, context, value, options);
  }
  return undefined;
}

type Value = (label: string, more?: Partial<Completion>) => Completion;

async function actions(at: CompletionContext, context: Context, value: Value): Promise<Found> {
  const written = at.state.sliceDoc(context.from, at.pos);
  const colon = written.indexOf(":");
  if (colon < 0) {
    const services = await readServices();
    return {
      options: [
        value("*", { boost: -99 }),
        ...services.map((s) =>
          value(`${s.prefix}:`, {
            type: "namespace",
            detail: s.name,
            // The actions follow at once.
            apply: context.quoted ? andGoOn(`${s.prefix}:`) : JSON.stringify(`${s.prefix}:*`),
          }),
        ),
      ],
      validFor: /^[-\w*]*$/,
    };
  }
  const service = await readService(written.slice(0, colon));
  return {
    options: [
      ...(service ? [value(`${service.prefix}:*`, { boost: -99, detail: service.name })] : []),
      ...(service?.actions ?? []).map((a) =>
        value(`${service!.prefix}:${a.name}`, { type: "method", detail: a.access }),
      ),
    ],
    validFor: /^[\w-]+:[\w*]*$/,
  };
}

/** andLeave writes a whole value and goes behind its closing quote; what is only begun is gone on with. */
function andLeave(text: string) {
  if (/[:/]$/.test(text)) return text;
  return (view: EditorView, _: Completion, from: number, to: number) => {
    const closed = view.state.sliceDoc(to, to + 1) === '"';
    const insert = closed ? text : `${text}"`;
    view.dispatch({
      changes: { from, to, insert },
      selection: { anchor: from + text.length + 1 },
      userEvent: "input.complete",
    });
  };
}

/** andGoOn writes a text and asks at once what may follow it. */
function andGoOn(text: string) {
  return (view: EditorView, _: Completion, from: number, to: number) => {
    view.dispatch({
      changes: { from, to, insert: text },
      selection: { anchor: from + text.length },
      userEvent: "input.type",
    });
  };
}

async function resources(
  at: CompletionContext,
  context: Context,
  value: Value,
  { accountId }: Options,
): Promise<Found> {
  const patterns = actionsOf(at.state, context.statement);
  const services = await servicesOf(patterns);
  const types = services.flatMap((s) =>
    resourceTypesOf(
      s,
      patterns.flatMap((p) => covered(s, p)),
    ),
  );
  const arns = types.map((t) => {
    const template = t.pattern
      .replace("${Partition}", "aws")
      .replace("${Account}", accountId || "${Account}")
      .replace(/\$\{([^}]+)\}/g, "#{$1}");
    const plain = template.replace(/#\{[^}]*\}/g, "*");
    const quote = context.quoted ? "" : '"';
    return value(plain, { type: "class", detail: t.name, apply: snippet(quote + template + quote) });
  });
  return { options: [value("*", { boost: 1 }), ...arns], validFor: /^[-\w:*/.]*$/ };
}

function principals(type: string | undefined, value: Value, { accountId }: Options): Found | undefined {
  switch (type) {
    case undefined:
      return { options: [value("*")] };
    case "AWS":
      return {
        options: [
          ...(accountId
            ? [
                value(`arn:aws:iam::${accountId}:root`),
                value(`arn:aws:iam::${accountId}:role/`),
                value(`arn:aws:iam::${accountId}:user/`),
              ]
            : []),
          value("*", { boost: -1 }),
        ],
        validFor: /^[-\w:*/]*$/,
      };
    case "Service":
      return { options: usualServices.map((s) => value(`${s}.amazonaws.com`)), validFor: /^[-\w.]*$/ };
    case "Federated":
      return {
        options: [
          ...(accountId
            ? [value(`arn:aws:iam::${accountId}:oidc-provider/`), value(`arn:aws:iam::${accountId}:saml-provider/`)]
            : []),
          ...["accounts.google.com", "cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com"].map(
            (p) => value(p),
          ),
        ],
        validFor: /^[-\w.:/]*$/,
      };
  }
  return undefined;
}

/** Services that roles are often made for. */
export const usualServices = [
  "apigateway",
  "athena",
  "cloudformation",
  "cloudtrail",
  "codebuild",
  "ec2",
  "ecs-tasks",
  "eks",
  "events",
  "firehose",
  "glue",
  "lambda",
  "logs",
  "rds",
  "s3",
  "sns",
  "sqs",
  "ssm",
  "states",
];

async function conditionValues(at: CompletionContext, context: Context, value: Value, { accountId, words }: Options) {
  const [, , operator, name] = context.path;
  if (!operator || !name) return undefined;
  const written = at.state.sliceDoc(context.from, at.pos);
  const { global, service } = await knownKeys(actionsOf(at.state, context.statement));
  const open = /\$\{[\w:/-]*$/.exec(written);
  if (open) {
    const from = context.from + open.index;
    const variables = global
      .filter((k) => !isMultivalued(k.type) && !templateOf(k.name))
      .map((k) => value(`\${${k.name}}`));
    return { options: variables, from, to: at.pos, validFor: /^\$\{[\w:/-]*$/ };
  }
  const key = findKey([...service, ...global], name);
  const type = parseOperator(operator).name === "Null" ? "Bool" : key?.type;
  const own = name.toLowerCase();
  const options: Completion[] = [];
  if (type === "Bool" || type === "ArrayOfBool") options.push(value("true"), value("false"));
  if (type === "Date") options.push(value(new Date().toISOString().slice(0, 19) + "Z", { detail: words("valueNow") }));
  if (own.endsWith("account") && accountId) options.push(value(accountId));
  if (own === "aws:calledvia" || own === "iam:passedtoservice")
    options.push(...usualServices.map((s) => value(`${s}.amazonaws.com`)));
  if (own === "aws:principaltype")
    options.push(...["Account", "User", "AssumedRole", "FederatedUser", "Anonymous"].map((v) => value(v)));
  return { options, validFor: /^[-\w.:]*$/ };
}

/** writeKey writes a name with what comes behind it, unless that is there. */
function writeKey(context: Context, label: string, template: string) {
  return (view: EditorView, completion: Completion, from: number, to: number) => {
    const name = JSON.stringify(label);
    if (context.hasValue) {
      const insert = context.quoted ? label : name;
      view.dispatch({
        changes: { from, to, insert },
        selection: { anchor: from + insert.length },
        userEvent: "input.complete",
      });
      return;
    }
    const start = context.quoted ? from - 1 : from;
    const quote = context.quoted && view.state.sliceDoc(to, to + 1) === '"' ? 1 : 0;
    const colon = /^\s*:\s*/.exec(view.state.sliceDoc(to + quote, to + quote + 20))?.[0].length ?? 0;
    snippet(`${name}: ${template}`)(view, completion, start, to + quote + colon);
  };
}
