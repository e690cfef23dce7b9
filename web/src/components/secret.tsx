import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import { CopyButton } from "./copy-button";

/**
 * A secret that the server shows once. It is not in the page until it is asked for, and goes with the dialog that shows
 * it: keep it in the state of that dialog, never in the query cache.
 */
export function Secret({ value, name }: { value: string; name: string }) {
  const m = useMessages(common);
  const [shown, setShown] = useState(false);
  return (
    <SpaceBetween direction="horizontal" size="xs" alignItems="center">
      <CopyButton text={value} name={name} />
      {shown ? (
        <code className="break">{value}</code>
      ) : (
        <Box color="text-body-secondary" display="inline">
          {m("secretHidden")}
        </Box>
      )}
      <Button
        formAction="none"
        variant="inline-link"
        onClick={() => setShown(!shown)}
        ariaLabel={`${m(shown ? "secretHide" : "secretShow")} ${name}`}
      >
        {m(shown ? "secretHide" : "secretShow")}
      </Button>
    </SpaceBetween>
  );
}
