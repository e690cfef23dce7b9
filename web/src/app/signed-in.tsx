import Box from "@cloudscape-design/components/box";
import { useEffect } from "react";
import { useMessages } from "@/messages";
import shell from "@/messages/en/shell";
import { tell } from "./channel";

/** Where a sign-in in a tab of its own ends: the tab that waits for it goes on. */
export function SignedIn() {
  const m = useMessages(shell);
  useEffect(() => {
    tell({ type: "sessions" });
    window.close(); // does nothing in a tab that no script opened
  }, []);
  return (
    <main>
      <Box padding="xxl" textAlign="center">
        <Box variant="h1">{m("signedInTitle")}</Box>
        <Box variant="p">{m("signedInText")}</Box>
      </Box>
    </main>
  );
}
