import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import type { Problem } from "@/aws";
import { ErrorPanel } from "@/components/error-panel";
import { ViewAs, type ApiCall } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/policies";

interface Props {
  title: string;
  /** What the button says. */
  label: string;
  calls: ApiCall[];
  pending: boolean;
  problem: Problem | undefined;
  disabled?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** Asks before something is done that can be undone; shows the calls that do it. */
export function Ask({ title, label, calls, pending, problem, disabled, onConfirm, onClose, children }: Props) {
  const m = useMessages(messages);
  return (
    <Modal
      visible
      size="large"
      header={<span className="break">{title}</span>}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose} disabled={pending}>
              {m("cancel")}
            </Button>
            <Button variant="primary" loading={pending} disabled={disabled} onClick={onConfirm}>
              {label}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {children}
        {problem && <ErrorPanel problem={problem} />}
        {calls.length > 0 && <ViewAs calls={calls} />}
      </SpaceBetween>
    </Modal>
  );
}
