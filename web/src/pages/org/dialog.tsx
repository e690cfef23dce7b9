import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import type { Problem } from "@/aws";
import { ErrorPanel } from "@/components/error-panel";
import { ViewAs, type ApiCall } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";

interface Props {
  title: string;
  /** What the button says. */
  act: string;
  pending: boolean;
  problem: Problem | undefined;
  disabled?: boolean;
  calls: ApiCall[];
  onSubmit: () => void;
  onClose: () => void;
  children?: ReactNode;
}

/** A form in a dialog that makes one call. */
export function Dialog({ title, act, pending, problem, disabled, calls, onSubmit, onClose, children }: Props) {
  const m = useMessages(messages);
  return (
    <Modal
      visible
      onDismiss={onClose}
      header={<span className="break">{title}</span>}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {m("cancel")}
            </Button>
            <Button variant="primary" formAction="submit" form="org-dialog" loading={pending} disabled={disabled}>
              {act}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id="org-dialog"
        onSubmit={(event) => {
          event.preventDefault();
          if (!disabled && !pending) onSubmit();
        }}
      >
        <SpaceBetween size="m">
          {problem && <ErrorPanel problem={problem} />}
          {children}
          <ViewAs calls={calls} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
