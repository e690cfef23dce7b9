import type { ReactNode } from "react";
import type { Problem } from "@/aws";
import { FormDialog } from "@/components/credentials/dialog";
import { ViewAs, type ApiCall } from "@/components/snippet";

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

/** A form in a dialog that makes one call, or asks before it does. */
export function Dialog({ act, calls, children, ...props }: Props) {
  return (
    <FormDialog {...props} label={act}>
      {children}
      <ViewAs calls={calls} />
    </FormDialog>
  );
}
