/** A dialog that is a form: one button sends it, and what goes wrong stands above the fields. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useId, type ReactNode } from "react";
import type { Problem } from "@/aws";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import { ErrorPanel } from "../error-panel";

interface Props {
  title: string;
  /** What the button says that sends it; none where there is nothing to send. */
  label?: string;
  /** "normal" where another way is offered first. */
  variant?: "primary" | "normal";
  pending?: boolean;
  disabled?: boolean;
  problem?: Problem;
  size?: "medium" | "large";
  onSubmit?: () => void;
  onClose: () => void;
  /** Before the button that sends; a button that cancels unless said. */
  actions?: ReactNode;
  children: ReactNode;
}

export function FormDialog(props: Props) {
  const { title, label, variant = "primary", pending = false, disabled = false, problem, size, children } = props;
  const m = useMessages(common);
  const id = useId();
  return (
    <Modal
      visible
      size={size}
      onDismiss={() => !pending && props.onClose()}
      header={<span className="break">{title}</span>}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            {props.actions ?? (
              <Button variant="link" onClick={props.onClose} disabled={pending}>
                {m("cancel")}
              </Button>
            )}
            {label !== undefined && (
              <Button variant={variant} formAction="submit" form={id} loading={pending} disabled={disabled}>
                {label}
              </Button>
            )}
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id={id}
        onSubmit={(event) => {
          event.preventDefault();
          if (!pending && !disabled) props.onSubmit?.();
        }}
      >
        <SpaceBetween size="m">
          {problem && <ErrorPanel problem={problem} />}
          {children}
        </SpaceBetween>
      </form>
    </Modal>
  );
}
