import { useMemo } from "react";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import { CopyButton } from "./copy-button";

/** A JSON document as text, with a button that copies it. What is no JSON is shown as it is. */
export function JsonView({ value, name }: { value: string | object; name?: string }) {
  const m = useMessages(common);
  const text = useMemo(() => pretty(value), [value]);
  return (
    <div className="code">
      <div className="code-copy">
        <CopyButton text={text} name={name ?? m("jsonLabel")} />
      </div>
      {/* It scrolls, so the keyboard must reach it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} role="region" aria-label={name ?? m("jsonLabel")}>
        {text}
      </pre>
    </div>
  );
}

/** Formats JSON; a text that is none stays what it is, and so does the order of what is in it. */
export function pretty(value: string | object): string {
  if (typeof value !== "string") return JSON.stringify(value, null, 2);
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}
