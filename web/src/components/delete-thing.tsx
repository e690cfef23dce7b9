import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useNotices, useSession, type Reading } from "@/aws";
import { ConfirmDelete, type Step } from "./confirm-delete";
import { ErrorPanel } from "./error-panel";

interface Props {
  /** It is typed to confirm. */
  name: string;
  title: string;
  /** What the button says; "Delete" unless said. */
  label?: string;
  /** What will break. */
  warning: ReactNode;
  /** In order; undefined while what goes with the thing is being read. */
  steps: Step[] | undefined;
  /** The reading that the steps are made from: what may not be read may not be missing from them. */
  goes?: Reading<unknown>;
  /** The sentence of the flash message. */
  done: string;
  /** What is read anew afterwards, also after some of the steps. */
  invalidates: QueryKey;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Deletes a thing with everything that has to be gone before it: that is read first, and shown. */
export function DeleteThing(props: Props) {
  const { name, title, label, warning, steps, goes, done, invalidates, onClose, onDeleted } = props;
  const notices = useNotices();
  const queries = useQueryClient();
  const { session } = useSession();
  const changed = () => queries.invalidateQueries({ queryKey: [session.id, ...invalidates] });
  return (
    <ConfirmDelete
      name={name}
      title={title}
      label={label}
      steps={steps}
      onDone={() => {
        notices.success(done);
        onClose();
        onDeleted?.();
        void changed();
      }}
      onClose={(some) => {
        onClose();
        if (some) void changed();
      }}
    >
      <SpaceBetween size="s">
        <Alert type="warning">{warning}</Alert>
        {goes?.problem && <ErrorPanel problem={goes.problem} retry={goes.reload} />}
      </SpaceBetween>
    </ConfirmDelete>
  );
}
