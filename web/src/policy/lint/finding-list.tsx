import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { useMemo } from "react";
import { ErrorPanel } from "@/components/error-panel";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy";
import { fixOf } from "../model/fixes";
import { lineOf, type Finding, type Severity, type Span } from "../model/findings";
import type { Fault } from "../model/json";
import type { Lint } from "./use-lint";
import "../policy.css";

export const statusOf: Record<Severity, StatusIndicatorProps.Type> = {
  error: "error",
  security: "warning",
  warning: "warning",
  suggestion: "info",
};

const order: Severity[] = ["error", "security", "warning", "suggestion"];

interface Props {
  text: string;
  lint: Lint;
  /** Shows a place in the JSON; without it places are only told. */
  onGo?: (span: Span) => void;
  /** Is given the mended text; without it nothing is offered. */
  onFix?: (text: string) => void;
}

/** What was found in a document, the worst first, each with its place and, where that is plain, a button that mends it. */
export function FindingList({ text, lint, onGo, onFix }: Props) {
  const m = useMessages(words);
  const sorted = useMemo(
    () => lint.findings.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity)),
    [lint.findings],
  );
  return (
    <SpaceBetween size="s">
      <FindingCounts lint={lint} />
      {lint.fault && <FaultLine text={text} fault={lint.fault} onGo={onGo} />}
      {lint.problem && !lint.fault && (
        <>
          <Box color="text-body-secondary">{m("findingsNotChecked")}</Box>
          <ErrorPanel problem={lint.problem} />
        </>
      )}
      {sorted.length > 0 && (
        <ul className="policy-findings" aria-label={m("findings")}>
          {sorted.map((finding, i) => (
            <li key={`${finding.code}${i}`}>
              <OneFinding text={text} finding={finding} onGo={onGo} onFix={lint.checking ? undefined : onFix} />
            </li>
          ))}
        </ul>
      )}
    </SpaceBetween>
  );
}

/** How many findings there are of each kind, in one line that is read out when it changes. */
export function FindingCounts({ lint }: { lint: Lint }) {
  const m = useMessages(words);
  const count = (severity: Severity) => lint.findings.filter((f) => f.severity === severity).length;
  const shown = [
    { type: "error", n: lint.fault ? 1 : count("error"), text: "countErrors" },
    { type: "warning", n: count("security"), text: "countSecurity" },
    { type: "warning", n: count("warning"), text: "countWarnings" },
    { type: "info", n: count("suggestion"), text: "countSuggestions" },
  ] as const;
  const some = shown.filter((s) => s.n > 0);
  return (
    <div aria-live="polite">
      <SpaceBetween size="m" direction="horizontal" alignItems="center">
        {some.map((s) => (
          <StatusIndicator key={s.text} type={s.type}>
            {m(s.text, { count: s.n })}
          </StatusIndicator>
        ))}
        {some.length === 0 && !lint.checking && !lint.problem && (
          <StatusIndicator type="success">{m("findingsNone")}</StatusIndicator>
        )}
        {lint.checking && (
          <Box color="text-body-secondary" fontSize="body-s">
            <Spinner /> {m("findingsChecking")}
          </Box>
        )}
      </SpaceBetween>
    </div>
  );
}

/** Says what keeps a text from being JSON. */
export function useFaultText(): (fault: Fault) => string {
  const m = useMessages(words);
  return (fault) => m(`fault_${fault.code}`, { about: fault.about });
}

function FaultLine({ text, fault, onGo }: { text: string; fault: Fault; onGo?: (span: Span) => void }) {
  const m = useMessages(words);
  const faultText = useFaultText();
  return (
    <SpaceBetween size="xs" direction="horizontal" alignItems="center">
      <StatusIndicator type="error">
        {m("faultTitle", { line: lineOf(text, fault.from), fault: faultText(fault) })}
      </StatusIndicator>
      {onGo && (
        <Button formAction="none" variant="inline-link" onClick={() => onGo({ from: fault.from, to: fault.to })}>
          {m("goToLine", { line: lineOf(text, fault.from) })}
        </Button>
      )}
    </SpaceBetween>
  );
}

function OneFinding({
  text,
  finding,
  onGo,
  onFix,
}: { text: string; finding: Finding } & Pick<Props, "onGo" | "onFix">) {
  const m = useMessages(words);
  const fix = useMemo(() => (onFix ? fixOf(text, finding) : undefined), [text, finding, onFix]);
  const span = finding.spans[0];
  return (
    <div className="policy-finding">
      <StatusIndicator type={statusOf[finding.severity]} iconAriaLabel={m(`severity_${finding.severity}`)} />
      <div>
        {finding.details}{" "}
        <SpaceBetween size="s" direction="horizontal" alignItems="center">
          <Box fontSize="body-s" color="text-body-secondary" display="inline">
            <code className="policy-code">{finding.code}</code>
          </Box>
          {span &&
            (onGo ? (
              <Button formAction="none" variant="inline-link" onClick={() => onGo(span)}>
                {m("goToLine", { line: lineOf(text, span.from) })}
              </Button>
            ) : (
              <Box fontSize="body-s" color="text-body-secondary" display="inline">
                {m("line", { line: lineOf(text, span.from) })}
              </Box>
            ))}
          {fix && onFix && (
            <Button formAction="none" variant="inline-link" iconName="edit" onClick={() => onFix(fix.text)}>
              {m(`fix_${fix.name}`, { value: fix.value })}
            </Button>
          )}
          {finding.learnMore !== "" && (
            <Link href={finding.learnMore} external fontSize="body-s">
              {m("learnMore")}
            </Link>
          )}
        </SpaceBetween>
      </div>
    </div>
  );
}
