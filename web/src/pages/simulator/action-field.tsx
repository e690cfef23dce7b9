import type { AutosuggestProps } from "@cloudscape-design/components/autosuggest";
import { useState } from "react";
import { TokenInput } from "@/components/token-input";
import { useMessages } from "@/messages";
import messages from "@/messages/en/simulator";
import { prefixOf, useService, useServices } from "@/policy/catalog";

interface Props {
  values: string[];
  onChange: (values: string[]) => void;
  tried: boolean;
  texts: { add: string; use: (text: string) => string; remove: (value: string) => string };
}

/** Actions, offered as they are typed: services first, then what a service has. */
export function ActionField({ values, onChange, tried, texts }: Props) {
  const m = useMessages(messages);
  const [typed, setTyped] = useState("");
  return (
    <TokenInput
      label={m("actions")}
      description={m("actionsText")}
      values={values}
      onChange={onChange}
      onTyped={setTyped}
      options={useOffered(typed.trim())}
      placeholder="s3:GetObject"
      check={(text) => (/^[A-Za-z0-9-]+:[A-Za-z0-9]+$/.test(text) ? undefined : m("actionsWrong"))}
      missing={tried && values.length === 0 ? m("actionsMissing") : undefined}
      texts={{ ...texts, chosen: m("actionsChosen") }}
    />
  );
}

/** So many are offered: nobody reads more. */
const most = 50;

function useOffered(typed: string): AutosuggestProps.Options {
  const service = useService(prefixOf(typed));
  const services = useServices();
  const wanted = typed.toLowerCase();
  if (!typed.includes(":")) {
    const found = services.filter((s) => s.prefix.startsWith(wanted) || s.name.toLowerCase().includes(wanted));
    return found.slice(0, most).map((s) => ({ value: `${s.prefix}:`, description: s.name }));
  }
  const actions = (service?.actions ?? []).map((a) => ({
    value: `${service?.prefix ?? ""}:${a.name}`,
    description: a.access,
  }));
  return actions.filter((o) => o.value.toLowerCase().includes(wanted)).slice(0, most);
}
