import KeyValuePairs, { type KeyValuePairsProps } from "@cloudscape-design/components/key-value-pairs";
import type { ReactNode } from "react";

export interface Pair {
  label: string;
  value: ReactNode;
}

/** Facts about one thing: names above values, in as many columns as fit. Nothing is a dash. */
export function KeyValue({ pairs, columns = 3 }: { pairs: Pair[]; columns?: number }) {
  const items: KeyValuePairsProps.Item[] = pairs.map(({ label, value }) => ({
    label,
    value: <div className="break">{value === undefined || value === "" || value === null ? "–" : value}</div>,
  }));
  return <KeyValuePairs columns={columns} items={items} />;
}
