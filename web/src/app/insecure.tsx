import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import { useMessages } from "@/messages";
import shell from "@/messages/en/shell";

/** Said instead of the console where the browser cannot sign: plain http to another machine. */
export function Insecure() {
  const m = useMessages(shell);
  return (
    <Box padding="xxl">
      <Alert type="error" header={m("insecureTitle")}>
        {m("insecureText", { origin: location.origin })}
      </Alert>
    </Box>
  );
}
