import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { Fragment, useMemo, useState, type ReactNode } from "react";
import { useLocale, useMessages } from "@/messages";
import words from "@/messages/en/policy";
import { accessLevels, covered, useService, useServices } from "../catalog";
import { read } from "../model/document";
import { formatOperator } from "../model/keys";
import { byService, summarize, type Summary, type SummaryCondition, type Things } from "../model/summary";
import "../policy.css";

/** Each statement of a policy in words; what is denied first. */
export function PolicySummary({ text }: { text: string }) {
  const m = useMessages(words);
  const document = useMemo(() => read(text), [text]);
  const statements = useMemo(() => summarize(document), [document]);
  if (document.fault) return <StatusIndicator type="error">{m("summaryBroken")}</StatusIndicator>;
  if (statements.length === 0) return <Box color="text-body-secondary">{m("summaryNone")}</Box>;
  const both = statements.some((s) => s.effect === "Deny") && statements.some((s) => s.effect === "Allow");
  return (
    <div>
      <SpaceBetween size="l">
        {both && <Box color="text-body-secondary">{m("summaryDenyFirst")}</Box>}
        {statements.map((s) => (
          <StatementSummary key={s.index} summary={s} />
        ))}
      </SpaceBetween>
    </div>
  );
}

function StatementSummary({ summary: s }: { summary: Summary }) {
  const m = useMessages(words);
  const everything =
    s.actions?.all && !s.actions.not && s.resources?.all && !s.resources.not && s.conditions.length === 0 && !s.who;
  return (
    <section
      className={`policy-statement policy-statement-${s.effect?.toLowerCase() ?? "none"}`}
      aria-label={m("statement", { number: s.index + 1 })}
    >
      <SpaceBetween size="xs">
        <SpaceBetween size="xs" direction="horizontal" alignItems="center">
          <EffectBadge effect={s.effect} />
          <Box variant="strong">{s.sid || m("statement", { number: s.index + 1 })}</Box>
        </SpaceBetween>
        {everything && s.effect ? (
          <Box>{s.effect === "Deny" ? m("deniesEverything") : m("allowsEverything")}</Box>
        ) : (
          <dl className="policy-words">
            {s.who && (
              <Words term={m("who")}>
                {s.who.everybody && !s.who.not ? (
                  m("whoEverybody")
                ) : (
                  <>
                    {s.who.not && <div>{m("whoNot")}</div>}
                    <List
                      items={s.who.entries.map((e) => (
                        <Fragment key={e.value}>
                          {m.rich("principalOf", { type: m(`type${e.type}`), value: <code>{e.value}</code> })}
                        </Fragment>
                      ))}
                    />
                  </>
                )}
              </Words>
            )}
            {s.actions && (
              <Words term={m("what")}>
                {s.actions.all && !s.actions.not ? m("whatAll") : <Actions actions={s.actions} />}
              </Words>
            )}
            {s.resources && (
              <Words term={m("on")}>
                {s.resources.all && !s.resources.not ? (
                  m("onAll")
                ) : (
                  <>
                    {s.resources.not && <div>{m("onNot")}</div>}
                    <List
                      items={s.resources.values.map((v) => (
                        <code key={v}>{v}</code>
                      ))}
                    />
                  </>
                )}
              </Words>
            )}
            {s.conditions.length > 0 && (
              <Words term={m("when")}>
                <List
                  items={s.conditions.map((c, i) => (
                    <ConditionWords key={i} condition={c} />
                  ))}
                />
              </Words>
            )}
          </dl>
        )}
        {s.unreadable.length > 0 && (
          <StatusIndicator type="warning">{m("unreadable", { names: s.unreadable.join(", ") })}</StatusIndicator>
        )}
      </SpaceBetween>
    </section>
  );
}

/** Says a statement's effect in a word and a colour. */
export function EffectBadge({ effect }: { effect: "Allow" | "Deny" | undefined }) {
  const m = useMessages(words);
  if (!effect) return <Badge color="grey">{m("noEffect")}</Badge>;
  return effect === "Deny" ? <Badge color="red">{m("deny")}</Badge> : <Badge color="green">{m("allow")}</Badge>;
}

function Words({ term, children }: { term: string; children: ReactNode }) {
  return (
    <>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </>
  );
}

const few = 12;

/** A list, of which what is long is shown on demand. */
function List({ items }: { items: ReactNode[] }) {
  const m = useMessages(words);
  const [all, setAll] = useState(false);
  if (items.length === 0) return <>{m("nothing")}</>;
  if (items.length === 1) return <>{items[0]}</>;
  const shown = all ? items : items.slice(0, few);
  return (
    <>
      <ul>
        {shown.map((item, i) => (
          <li key={i}>{item}</li>
        ))}
      </ul>
      {shown.length < items.length && (
        <Button formAction="none" variant="inline-link" onClick={() => setAll(true)}>
          {m("showAll", { count: items.length })}
        </Button>
      )}
    </>
  );
}

function Actions({ actions }: { actions: Things }) {
  const m = useMessages(words);
  const groups = useMemo(() => [...byService(actions.values)], [actions]);
  return (
    <>
      {actions.not && <div>{m("whatNot")}</div>}
      <List
        items={groups.map(([prefix, patterns]) => (
          <ServiceActions key={prefix} prefix={prefix} patterns={patterns} />
        ))}
      />
    </>
  );
}

/** Patterns of a service that are told in its line; more of them are shown on demand. */
const line = 5;

/** The patterns of one service; opened, it tells which actions they cover. */
function ServiceActions({ prefix, patterns }: { prefix: string; patterns: string[] }) {
  const m = useMessages(words);
  const [open, setOpen] = useState(false);
  const name = useServices().find((s) => s.prefix === prefix)?.name ?? prefix;
  if (prefix === "") return <Patterns patterns={patterns} />;
  const all = patterns.some((p) => p.toLowerCase() === `${prefix}:*`);
  const few = patterns.length <= line ? patterns : [];
  // Names that stand for themselves have nothing to unfold.
  const plain = few.length > 0 && !few.some((p) => /[*?]/.test(p));
  if (few.length === 1 && plain) return <Patterns patterns={few} />;
  return (
    <>
      {all ? m("whatServiceAll", { service: name }) : m("whatService", { service: name, count: patterns.length })}{" "}
      {!all && few.length > 0 && (
        <>
          <Patterns patterns={few} />{" "}
        </>
      )}
      {!plain && (
        <Button
          formAction="none"
          variant="inline-link"
          ariaExpanded={open}
          ariaLabel={m(open ? "hideActionsOf" : "showActionsOf", { service: name })}
          onClick={() => setOpen(!open)}
        >
          {m(open ? "hideActions" : "showActions")}
        </Button>
      )}
      {open && <Covered prefix={prefix} patterns={patterns} />}
    </>
  );
}

function Patterns({ patterns }: { patterns: string[] }) {
  return (
    <>
      {patterns.map((p, i) => (
        <Fragment key={p}>
          {i > 0 && ", "}
          <code>{p}</code>
        </Fragment>
      ))}
    </>
  );
}

function Covered({ prefix, patterns }: { prefix: string; patterns: string[] }) {
  const m = useMessages(words);
  const service = useService(prefix);
  const levels = useMemo(() => {
    if (!service) return [];
    const actions = new Set(patterns.flatMap((p) => covered(service, p)));
    return accessLevels
      .map((level) => ({
        level,
        all: service.actions.filter((a) => a.access === level).length,
        names: [...actions].filter((a) => a.access === level).map((a) => a.name),
      }))
      .filter((l) => l.names.length > 0);
  }, [service, patterns]);
  return (
    <SpaceBetween size="xxs">
      {patterns.length > line && (
        <div>
          <Patterns patterns={patterns} />
        </div>
      )}
      {levels.map(({ level, all, names }) => (
        <div key={level}>
          <Box variant="strong" display="inline">
            {m(`access_${level}`)}
          </Box>{" "}
          <Box color="text-body-secondary" display="inline">
            {names.length === all ? m("accessAll", { count: all }) : m("accessSome", { count: names.length, all })}
          </Box>
          {names.length < all && <div className="policy-code">{names.join(", ")}</div>}
        </div>
      ))}
    </SpaceBetween>
  );
}

/** A condition in words. */
export function ConditionWords({ condition }: { condition: SummaryCondition }) {
  const m = useMessages(words);
  const locale = useLocale();
  const { operator, key, values } = condition;
  const listed = useMemo(() => {
    const parts = new Intl.ListFormat(locale, { type: "disjunction" }).formatToParts(values);
    return parts.map((p, i) =>
      p.type === "element" ? <code key={i}>{p.value}</code> : <Fragment key={i}>{p.value}</Fragment>,
    );
  }, [locale, values]);
  const k = (chunks: ReactNode) => <code>{chunks}</code>;
  const name = conditionName(operator.name, values);
  const plain = m.rich(name ?? "condOther", { key, values: <>{listed}</>, operator: formatOperator(operator), k });
  const known = name ? plain : undefined;
  if (!known) return <>{plain}</>;
  const present = operator.ifExists ? m.rich("condIfExists", { condition: known }) : known;
  if (operator.quantifier === "ForAllValues") return <>{m.rich("condForAllValues", { condition: present })}</>;
  if (operator.quantifier === "ForAnyValue") return <>{m.rich("condForAnyValue", { condition: present })}</>;
  return <>{present}</>;
}

type ConditionName = Extract<keyof (typeof words)["messages"], `cond${string}`>;

/** conditionName is the message for an operator; undefined when nobody knows the operator. */
function conditionName(operator: string, values: string[]): ConditionName | undefined {
  const lower = operator.toLowerCase();
  if (lower === "null") {
    if (values.length !== 1) return undefined;
    return values[0]?.toLowerCase() === "true" ? "condNullTrue" : "condNullFalse";
  }
  return (Object.keys(words.messages) as ConditionName[]).find(
    (name) => /^cond(String|Numeric|Date|Bool|Binary|Ip|NotIp|Arn)/.test(name) && name.slice(4).toLowerCase() === lower,
  );
}
