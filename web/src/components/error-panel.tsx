/** What went wrong, shown where it went wrong: in a panel, in a form, in the flash bar. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Icon from "@cloudscape-design/components/icon";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useCallback } from "react";
import { policyFor, type Denied, type Problem } from "@/aws";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import { CopyButton } from "./copy-button";
import { path, useTo } from "./links";

/** Returns what says in a line what went wrong. */
export function useProblemTitle(): (problem: Problem) => string {
  const m = useMessages(common);
  return useCallback(
    (problem) => {
      switch (problem.kind) {
        case "denied":
          if (problem.action === "") return m("deniedTitlePlain");
          if (problem.resource === "" || problem.resource === "*")
            return m("deniedTitleAction", { action: problem.action });
          return m("deniedTitle", { action: problem.action, resource: problem.resource });
        case "ended":
          return m("endedTitle");
        case "network":
          return m("networkTitle");
        case "throttled":
          return m("throttledTitle");
        case "notFound":
          return m("notFoundTitle");
        case "failed":
          return m("errorTitle");
      }
    },
    [m],
  );
}

/** What more there is to say of a problem, below its title. */
export function ProblemBody({ problem }: { problem: Problem }) {
  const m = useMessages(common);
  switch (problem.kind) {
    case "denied":
      return <DeniedBody denied={problem} />;
    case "network":
      return <>{m("networkText")}</>;
    case "throttled":
      return <>{m("throttledText")}</>;
    case "ended":
      return (
        <>
          {problem.message}
          {problem.why.map((reason) => (
            <Box key={reason}>{reason}</Box>
          ))}
        </>
      );
    default:
      return (
        <SpaceBetween size="xxs">
          <div className="break">{m("errorCode", { code: problem.code, message: problem.message })}</div>
          <RequestId id={problem.requestId} />
        </SpaceBetween>
      );
  }
}

function DeniedBody({ denied }: { denied: Denied }) {
  const m = useMessages(common);
  const to = useTo();
  const policy = policyFor(denied);
  return (
    <SpaceBetween size="xxs">
      {/* What the title does not say already: which layer, or the server's own words. */}
      {(denied.because !== "" || denied.action === "") && (
        <div className="break">{sentence(denied.because || denied.message)}</div>
      )}
      {denied.explicit && <div>{m("deniedExplicit")}</div>}
      <SpaceBetween size="s" direction="horizontal" alignItems="center">
        {denied.requestId !== "" && <Link href={to(path`/events/${denied.requestId}/why`)}>{m("why")}</Link>}
        {policy !== undefined && <CopyButton text={policy} label={m("copyPolicy")} inline />}
        <RequestId id={denied.requestId} />
      </SpaceBetween>
    </SpaceBetween>
  );
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" ? "" : trimmed[0]?.toUpperCase() + trimmed.slice(1) + (/[.!?]$/.test(trimmed) ? "" : ".");
}

function RequestId({ id }: { id: string }) {
  const m = useMessages(common);
  if (id === "") return null;
  return (
    <Box fontSize="body-s" color="text-body-secondary" display="inline">
      {m("requestId")} <CopyButton text={id} name={m("requestId")} shown />
    </Box>
  );
}

interface Props {
  problem: Problem;
  /** Asks again; without it there is nothing to try. */
  retry?: () => void;
}

/** A panel's problem. Being denied is normal: it is said quietly, without the frame and colour of an error. */
export function ErrorPanel({ problem, retry }: Props) {
  const m = useMessages(common);
  const titleOf = useProblemTitle();
  if (problem.kind === "denied") {
    return (
      <div className="denied">
        <Icon name="lock-private" variant="subtle" />
        <div className="break">
          <Box variant="strong">{titleOf(problem)}</Box>
          <DeniedBody denied={problem} />
        </div>
      </div>
    );
  }
  const again = retry && problem.kind !== "ended";
  return (
    <Alert
      type={problem.kind === "notFound" ? "warning" : "error"}
      header={<span className="break">{titleOf(problem)}</span>}
      action={
        again ? (
          <Button formAction="none" onClick={retry}>
            {m("retry")}
          </Button>
        ) : undefined
      }
    >
      <ProblemBody problem={problem} />
    </Alert>
  );
}
