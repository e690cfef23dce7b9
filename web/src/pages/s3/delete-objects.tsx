import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNotices, useSession } from "@/aws";
import { useS3 } from "@/aws/s3";
import { ConfirmDelete, type Step } from "@/components/confirm-delete";
import { ErrorPanel } from "@/components/error-panel";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { deleteAll } from "./deletion";
import type { Entry } from "./listing";
import { useVersioning } from "./versioning";

/** How many names a dialog shows. */
const shown = 10;

interface Props {
  bucket: string;
  entries: Entry[];
  onClose: () => void;
  onDeleted?: () => void;
}

/** Deletes objects, and folders with all that is in them. It says whether that can be undone. */
export function DeleteObjects({ bucket, entries, onClose, onDeleted }: Props) {
  const m = useMessages(messages);
  const s3 = useS3();
  const notices = useNotices();
  const queries = useQueryClient();
  const { session } = useSession();
  const versioning = useVersioning(bucket);
  const [forGood, setForGood] = useState(false);
  const [gone, setGone] = useState(0);
  const count = useRef(0); // what is said at the end was not known when it began
  const changed = () => queries.invalidateQueries({ queryKey: [session.id, "s3", "bucket", bucket, "objects"] });

  const told = (so: number) => {
    count.current = so;
    setGone(so);
  };
  const keys = entries.filter((e) => e.kind === "object").map((e) => e.key);
  const prefixes = entries.filter((e) => e.kind === "folder").map((e) => e.key);
  const keeps = versioning.data === "Enabled" || versioning.data === "Suspended";
  const versions = keeps && forGood;
  const [first] = entries;
  const name = entries.length === 1 && first ? first.name : m("deleteWord");
  const step: Step = {
    text: m(versions ? "stepDeleteVersions" : "stepDeleteObjects"),
    run: () => deleteAll(s3, bucket, { keys, prefixes }, { versions, gone: told }),
    call:
      keys.length === 1 && prefixes.length === 0
        ? { service: "s3api", command: "delete-object", options: { bucket, key: keys[0] } }
        : {
            service: "s3api",
            command: "delete-objects",
            options: { bucket, delete: JSON.stringify({ Objects: keys.slice(0, shown).map((Key) => ({ Key })) }) },
          },
  };
  const consequence = versions
    ? "deleteAllVersions"
    : versioning.data === "Enabled"
      ? "deleteMarker"
      : versioning.data === "Suspended"
        ? "deleteSuspended"
        : versioning.data === "Off"
          ? "deleteFinal"
          : "deleteUnknown";

  return (
    <ConfirmDelete
      name={name}
      title={m("deleteObjectsTitle", { count: entries.length, name: first?.name ?? "" })}
      steps={versioning.loading ? undefined : [step]}
      onDone={() => {
        notices.success(m("objectsDeleted", { count: count.current }));
        onClose();
        onDeleted?.();
        void changed();
      }}
      onClose={() => {
        onClose();
        if (gone > 0) void changed();
      }}
    >
      <SpaceBetween size="s">
        <Alert type="warning">{m(consequence)}</Alert>
        {versioning.problem && <ErrorPanel problem={versioning.problem} />}
        {keeps && (
          <Checkbox checked={forGood} onChange={({ detail }) => setForGood(detail.checked)}>
            {m("deleteForGood")}
          </Checkbox>
        )}
        <ul>
          {entries.slice(0, shown).map((e) => (
            <li key={e.key} className="break">
              {e.kind === "folder" ? m("folderAndAll", { name: e.name }) : e.name}
            </li>
          ))}
        </ul>
        {entries.length > shown && (
          <Box color="text-body-secondary">{m("andMore", { count: entries.length - shown })}</Box>
        )}
        {gone > 0 && <div aria-live="polite">{m("goneSoFar", { count: gone })}</div>}
      </SpaceBetween>
    </ConfirmDelete>
  );
}
