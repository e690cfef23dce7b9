import ExpandableSection from "@cloudscape-design/components/expandable-section";
import { lazy, Suspense, useState } from "react";
import type { Session } from "@/aws";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import { CopyButton } from "./copy-button";
import { Loading } from "./panel-state";

/** A text in fixed width with a button that copies it. */
export function Snippet({ text, name }: { text: string; name?: string }) {
  return (
    <div className="code">
      <div className="code-copy">
        <CopyButton text={text} name={name} />
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
      <pre tabIndex={0} role="region" aria-label={name}>
        {text}
      </pre>
    </div>
  );
}

/** An API call: what the console would do, said so that it can be done elsewhere. */
export interface ApiCall {
  /** iam, organizations, s3api … as the CLI names it; "regent" for what only Regent's own CLI does. */
  service: string;
  /** create-user; of Regent's CLI with its arguments. */
  command: string;
  /** Options without dashes: { "user-name": "alice" }. True is an option without a value; undefined is left out. */
  options: Record<string, string | string[] | boolean | undefined>;
  /** The same for Terraform: a whole block, where there is one and terraform.ts does not make it. */
  terraform?: string;
}

export interface CallsProps {
  calls: ApiCall[];
  /** Whose calls they are, where it is not the session that the page belongs to. */
  of?: Session;
}

const Calls = lazy(() => import("./calls"));

/** "View as" CLI, SDK and Terraform: every write shows its calls. Secrets have no place in them. */
export function ViewAs(props: CallsProps) {
  const m = useMessages(common);
  const [open, setOpen] = useState(false);
  return (
    <ExpandableSection headerText={m("viewAs")} expanded={open} onChange={({ detail }) => setOpen(detail.expanded)}>
      {open && (
        <Suspense fallback={<Loading lines={3} />}>
          <Calls {...props} />
        </Suspense>
      )}
    </ExpandableSection>
  );
}

/** Quotes a word for a shell, if it needs that. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
