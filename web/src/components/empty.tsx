import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import { CopyButton } from "./copy-button";

interface Props {
  title: string;
  /** What the thing is. */
  text: string;
  /** One button. */
  action?: ReactNode;
  /** One line that does the same. */
  cli?: string;
}

/** Nothing here yet: what it is, one button, one line for the command line. */
export function Empty({ title, text, action, cli }: Props) {
  const m = useMessages(common);
  return (
    <Box textAlign="center" padding={{ vertical: "l" }}>
      <SpaceBetween size="s">
        <Box variant="strong">{title}</Box>
        <Box color="text-body-secondary">{text}</Box>
        {action}
        {cli !== undefined && (
          <Box fontSize="body-s" color="text-body-secondary">
            {m("emptyCli")} <code className="break">{cli}</code> <CopyButton text={cli} />
          </Box>
        )}
      </SpaceBetween>
    </Box>
  );
}
