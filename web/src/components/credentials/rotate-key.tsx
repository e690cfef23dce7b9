/** Replaces an access key by another, without a moment in which none works. What is done is seen in the keys themselves. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { useState, type ReactNode } from "react";
import type { AccessKeyMetadata } from "@/aws/iam";
import { useMessages } from "@/messages";
import credentials from "@/messages/en/credentials";
import common from "@/messages/en/common";
import { ViewAs } from "../snippet";
import { Time } from "../time";
import { CreateKey } from "./create-key";
import { FormDialog } from "./dialog";
import type { Holder } from "./holder";
import { useKeyStatus } from "./key-status";
import { useKeyUse } from "./key-use";

interface Props {
  holder: Holder;
  old: AccessKeyMetadata;
  /** The other key, once there is one. */
  fresh: AccessKeyMetadata | undefined;
  onDelete: () => void;
  onClose: () => void;
}

export function RotateKey({ holder, old, fresh, onDelete, onClose }: Props) {
  const m = useMessages(credentials);
  const c = useMessages(common);
  const [creating, setCreating] = useState(false);
  const status = useKeyStatus(holder);
  const key = old.AccessKeyId ?? "";
  const inactive = old.Status === "Inactive";
  if (creating) return <CreateKey holder={holder} again onClose={() => setCreating(false)} />;
  const callOf = (command: string, options: Record<string, string> = {}) => ({
    service: "iam",
    command,
    options: { "user-name": holder.own ? undefined : holder.userName, ...options },
  });
  const set = (active: boolean) => status.start({ key, active });
  return (
    <FormDialog
      title={m("rotateTitle", { key })}
      size="large"
      label={c("close")}
      variant="normal"
      problem={status.problem}
      onSubmit={onClose}
      onClose={onClose}
      actions={<></>}
    >
      <Box variant="p">{m("rotateText")}</Box>
      <ol className="steps rotation">
        <Line state={fresh ? "done" : "now"} title={m("rotateNew")}>
          {fresh ? (
            m.rich("rotateNewDone", {
              key: <code>{fresh.AccessKeyId}</code>,
              time: <Time value={fresh.CreateDate} relative />,
            })
          ) : (
            <SpaceBetween size="xs">
              {m("rotateNewDo")}
              <Button formAction="none" onClick={() => setCreating(true)}>
                {m("keyCreate")}
              </Button>
            </SpaceBetween>
          )}
        </Line>
        <Line state={inactive ? "done" : fresh ? "now" : "later"} title={m("rotateSwitch")}>
          <Used id={key} />
          {fresh && <NewUsed id={fresh.AccessKeyId ?? ""} />}
        </Line>
        <Line state={inactive ? "done" : fresh ? "now" : "later"} title={m("rotateOff")}>
          {inactive ? (
            m("rotateOffDone")
          ) : (
            <SpaceBetween size="xs">
              {m("rotateOffText")}
              <Button formAction="none" disabled={!fresh} loading={status.pending} onClick={() => set(false)}>
                {m("keyDeactivate")}
              </Button>
            </SpaceBetween>
          )}
        </Line>
        <Line state={inactive ? "now" : "later"} title={m("rotateWait")}>
          <SpaceBetween size="xs">
            {m("rotateWaitText")}
            {inactive && (
              <Button formAction="none" loading={status.pending} onClick={() => set(true)}>
                {m("keyActivate")}
              </Button>
            )}
          </SpaceBetween>
        </Line>
        <Line state={inactive ? "now" : "later"} title={m("rotateDelete")}>
          <SpaceBetween size="xs">
            {m("rotateDeleteText")}
            <Button formAction="none" disabled={!inactive} onClick={onDelete}>
              {m("keyDelete")}
            </Button>
          </SpaceBetween>
        </Line>
      </ol>
      <ViewAs
        calls={[
          ...(fresh ? [] : [callOf("create-access-key")]),
          ...(inactive ? [] : [callOf("update-access-key", { "access-key-id": key, status: "Inactive" })]),
          callOf("delete-access-key", { "access-key-id": key }),
        ]}
      />
    </FormDialog>
  );
}

const states = {
  done: { type: "success", said: "stepStateDone" },
  now: { type: "in-progress", said: "stepStateNow" },
  later: { type: "pending", said: "stepStateLater" },
} as const satisfies Record<string, { type: StatusIndicatorProps.Type; said: string }>;

function Line({ state, title, children }: { state: keyof typeof states; title: string; children: ReactNode }) {
  const m = useMessages(credentials);
  const { type, said } = states[state];
  return (
    <li>
      <StatusIndicator type={type} iconAriaLabel={m(said)}>
        {title}
      </StatusIndicator>
      <Box color="text-body-secondary" padding={{ left: "l", bottom: "xs" }}>
        {children}
      </Box>
    </li>
  );
}

function Used({ id }: { id: string }) {
  const m = useMessages(credentials);
  const { data: use, problem } = useKeyUse(id);
  if (problem) return <div>{m("rotateOldUnknown")}</div>;
  if (!use) return null;
  if (!use.LastUsedDate) return <div>{m("rotateOldUnused")}</div>;
  return <div>{m.rich("rotateOldUse", { time: <Time value={use.LastUsedDate} relative /> })}</div>;
}

function NewUsed({ id }: { id: string }) {
  const m = useMessages(credentials);
  const { data: use } = useKeyUse(id);
  if (!use) return null;
  if (!use.LastUsedDate) return <div>{m("rotateNewUnused")}</div>;
  return <div>{m.rich("rotateNewUse", { time: <Time value={use.LastUsedDate} relative /> })}</div>;
}
