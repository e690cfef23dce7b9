import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import type { Problem } from "@/aws";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import { ErrorPanel } from "./error-panel";
import { ViewAs, type ApiCall } from "./snippet";

interface Props {
  title: string;
  /** What the button says. */
  label: string;
  calls: ApiCall[];
  pending: boolean;
  problem: Problem | undefined;
  disabled?: boolean;
  size?: "large" | "max";
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** Asks before something is done that can be undone; shows the calls that do it. */
export function Ask(props: Props) {
  const { title, label, calls, pending, problem, disabled, size = "large", onConfirm, onClose, children } = props;
  const m = useMessages(common);
  return (
    <Modal
      visible
      size={size}
      header={<span className="break">{title}</span>}
      onDismiss={() => !pending && onClose()}
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
        {problem && <ErrorPanel problem={problem} />}
        {children}
        {calls.length > 0 && <ViewAs calls={calls} />}
      </SpaceBetween>
    </Modal>
  );
}
