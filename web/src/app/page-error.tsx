import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { useRouteError } from "react-router";
import { useMessages } from "@/messages";
import shell from "@/messages/en/shell";

/** Shown in place of a page that broke. What it was is in the browser's console: it may hold names and documents. */
export function PageError() {
  const m = useMessages(shell);
  const error = useRouteError();
  return (
    <Box padding="l">
      <Alert
        type="error"
        header={m("brokenTitle")}
        action={<Button onClick={() => location.reload()}>{m("reload")}</Button>}
      >
        {error instanceof Error ? error.message : m("brokenText")}
      </Alert>
    </Box>
  );
}

export function NotFound() {
  const m = useMessages(shell);
  return (
    <Box padding="l">
      <Alert type="warning" header={m("noPageTitle")}>
        {m("noPageText")}
      </Alert>
    </Box>
  );
}
