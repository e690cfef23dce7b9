import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import TextFilter from "@cloudscape-design/components/text-filter";
import TokenGroup from "@cloudscape-design/components/token-group";
import { useMemo, useState } from "react";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import { accessLevels, prefixOf, useService, useServices, type Access, type Action, type Service } from "../catalog";
import { isPattern, matches } from "../model/glob";

interface Props {
  prefix: string;
  /** All of the statement's, those of other services among them. */
  values: readonly string[];
  onChange: (values: string[]) => void;
  onRemove: () => void;
  /** Begins unfolded: only where there are few. */
  unfolded: boolean;
}

/** The actions of one service, to be ticked. */
export function ServiceActions({ prefix, values, onChange, onRemove, unfolded }: Props) {
  const m = useMessages(words);
  const [open, setOpen] = useState(unfolded);
  const service = useService(open ? prefix : undefined);
  const services = useServices();
  const [find, setFind] = useState("");
  const own = values.filter((v) => prefixOf(v) === prefix);
  const patterns = own.filter(isPattern);
  const known = services.some((s) => s.prefix === prefix);
  const whole = own.some((v) => v.toLowerCase() === `${prefix}:*`);
  const name = services.find((s) => s.prefix === prefix)?.name ?? prefix;
  const count = service?.actions.filter((a) => coverOf(service, a, own)).length ?? own.length;
  const title = service
    ? m("serviceTitle", { name, count, all: service.actions.length })
    : m("serviceTitlePlain", { name, count: own.length });
  return (
    <ExpandableSection
      variant="default"
      headerText={title}
      expanded={open}
      onChange={({ detail }) => setOpen(detail.expanded)}
      headerActions={
        <Button
          formAction="none"
          variant="inline-icon"
          iconName="remove"
          ariaLabel={m("serviceRemove", { name })}
          onClick={onRemove}
        />
      }
    >
      {!open ? null : !known && services.length > 0 ? (
        <Tokens values={own} all={values} onChange={onChange} />
      ) : !service ? (
        <Spinner />
      ) : (
        <SpaceBetween size="s">
          <Checkbox
            checked={whole}
            description={`${prefix}:*`}
            onChange={({ detail }) => {
              const others = values.filter((v) => prefixOf(v) !== prefix);
              onChange(
                detail.checked ? [...others, `${prefix}:*`] : values.filter((v) => v.toLowerCase() !== `${prefix}:*`),
              );
            }}
          >
            {m("serviceAll", { name })}
          </Checkbox>
          {!whole && patterns.length > 0 && <Tokens values={patterns} all={values} onChange={onChange} />}
          {!whole && (
            <SpaceBetween size="s">
              <TextFilter
                filteringText={find}
                filteringPlaceholder={m("actionFind")}
                filteringAriaLabel={m("actionFindIn", { name })}
                filteringClearAriaLabel={m("clear")}
                onChange={({ detail }) => setFind(detail.filteringText)}
              />
              <div className="policy-levels">
                {accessLevels.map((level) => (
                  <Level key={level} service={service} level={level} find={find} values={values} onChange={onChange} />
                ))}
              </div>
            </SpaceBetween>
          )}
        </SpaceBetween>
      )}
    </ExpandableSection>
  );
}

function Tokens({
  values,
  all,
  onChange,
}: {
  values: readonly string[];
  all: readonly string[];
  onChange: Props["onChange"];
}) {
  const m = useMessages(words);
  return (
    <TokenGroup
      limit={20}
      items={values.map((v) => ({ label: v, dismissLabel: m("removeValue", { value: v }) }))}
      onDismiss={({ detail }) => onChange(all.filter((v) => v !== values[detail.itemIndex]))}
    />
  );
}

const fullName = (service: Service, action: Action) => `${service.prefix}:${action.name}`;

/** coverOf returns what of the values covers an action: its own name, or a pattern. */
function coverOf(service: Service, action: Action, values: readonly string[]): string | undefined {
  const name = fullName(service, action);
  return values.find((v) => v.toLowerCase() === name.toLowerCase()) ?? values.find((v) => matches(v, name));
}

interface LevelProps {
  service: Service;
  level: Access;
  find: string;
  values: readonly string[];
  onChange: Props["onChange"];
}

/** The actions of one access level. */
function Level({ service, level, find, values, onChange }: LevelProps) {
  const m = useMessages(words);
  const [open, setOpen] = useState(false);
  const all = useMemo(() => service.actions.filter((a) => a.access === level), [service, level]);
  const shown = all.filter((a) => a.name.toLowerCase().includes(find.trim().toLowerCase()));
  if (shown.length === 0) return null;
  const covers = new Map(shown.map((a) => [a, coverOf(service, a, values)]));
  const taken = [...covers.values()].filter((c) => c !== undefined).length;
  const set = (actions: Action[], on: boolean) => {
    const names = new Set(actions.map((a) => fullName(service, a).toLowerCase()));
    const without = values.filter((v) => !names.has(v.toLowerCase()));
    const added = actions.filter((a) => on && !coverOf(service, a, without)).map((a) => fullName(service, a));
    // What is ticked already keeps its place.
    onChange(
      on ? [...values, ...added.filter((a) => !values.some((v) => v.toLowerCase() === a.toLowerCase()))] : without,
    );
  };
  const expanded = open || find.trim() !== "";
  return (
    <div className="policy-level">
      <Checkbox
        checked={taken === shown.length}
        indeterminate={taken > 0 && taken < shown.length}
        onChange={({ detail }) => set(shown, detail.checked)}
        ariaLabel={m("levelAll", { level: m(`level_${level}`) })}
      />
      <ExpandableSection
        variant="inline"
        expanded={expanded}
        onChange={({ detail }) => setOpen(detail.expanded)}
        headerText={
          <Box fontWeight="normal" display="inline">
            {m("levelTitle", { level: m(`level_${level}`), count: taken, all: shown.length })}
          </Box>
        }
      >
        {expanded && (
          <div className="policy-actions">
            {shown.map((a) => {
              const cover = covers.get(a);
              const byPattern = cover !== undefined && cover.toLowerCase() !== fullName(service, a).toLowerCase();
              return (
                <Checkbox
                  key={a.name}
                  checked={cover !== undefined}
                  disabled={byPattern}
                  description={byPattern ? m("coveredBy", { pattern: cover }) : undefined}
                  onChange={({ detail }) => set([a], detail.checked)}
                >
                  {a.name}
                </Checkbox>
              );
            })}
          </div>
        )}
      </ExpandableSection>
    </div>
  );
}
