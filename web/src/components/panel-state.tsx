/** The five states of a panel: loading, empty, error, denied, stale. */
import Box from "@cloudscape-design/components/box";
import Skeleton from "@cloudscape-design/components/skeleton";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useEffect, useState, type ReactNode } from "react";
import type { Reading } from "@/aws";
import { useLocale, useMessages } from "@/messages";
import common from "@/messages/en/common";
import { ErrorPanel } from "./error-panel";

/** What takes less than this shows no skeleton: a flicker says nothing. */
const patience = 200;

interface Props<T> {
  reading: Reading<T>;
  /** What is shown when there is nothing: <Empty …>. */
  empty?: ReactNode;
  isEmpty?: (data: T) => boolean;
  /** Lines of the skeleton. */
  lines?: number;
  children: (data: T) => ReactNode;
}

/** Shows a reading in whichever of its states it is. Each panel has its own: one that is denied blanks nothing else. */
export function PanelState<T>({ reading, empty, isEmpty, lines = 3, children }: Props<T>) {
  const m = useMessages(common);
  const locale = useLocale();
  const { data, problem } = reading;
  // Denied now: what was read when it was allowed is shown no longer.
  if (problem && (data === undefined || problem.kind === "denied" || problem.kind === "notFound")) {
    return <ErrorPanel problem={problem} retry={reading.reload} />;
  }
  if (data === undefined) return <Loading lines={lines} />;
  const stale = problem && (
    <StatusIndicator type="warning">
      {m("staleText", { time: reading.readAt?.toLocaleTimeString(locale) ?? "" })}
    </StatusIndicator>
  );
  const shown = isEmpty?.(data) ? empty : children(data);
  return stale ? (
    <SpaceBetween size="s">
      {stale}
      {shown}
    </SpaceBetween>
  ) : (
    <>{shown}</>
  );
}

/** Lines where text will be. */
export function Loading({ lines = 3 }: { lines?: number }) {
  const m = useMessages(common);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), patience);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div aria-busy="true" aria-label={m("loading")} role="group">
      <SpaceBetween size="xs">
        {Array.from({ length: lines }, (_, i) => (
          <div key={i}>{shown ? <Skeleton /> : <Box padding="xs" />}</div>
        ))}
      </SpaceBetween>
    </div>
  );
}
