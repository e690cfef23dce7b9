import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Spinner from "@cloudscape-design/components/spinner";
import { useEffect, useState } from "react";
import { problemOf } from "@/aws";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";

/** What takes less than this needs no spinner. */
const patience = 200;

export function Waiting() {
  const m = useMessages(common);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), patience);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Box padding="xxl" textAlign="center">
      {shown && (
        <>
          <Spinner size="large" /> <Box variant="p">{m("loading")}</Box>
        </>
      )}
    </Box>
  );
}

/** The sessions could not be read: nothing can be shown. */
export function Failed({ error, retry }: { error: unknown; retry: () => void }) {
  const m = useMessages(common);
  const problem = problemOf(error);
  return (
    <Box padding="xxl">
      <Alert type="error" header={m("networkTitle")} action={<Button onClick={retry}>{m("retry")}</Button>}>
        {problem.message}
      </Alert>
    </Box>
  );
}
