/** The access keys of a user or of root: seen, created, rotated, deactivated, deleted. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useList, useNotices, useSession } from "@/aws";
import { DeleteAccessKeyCommand, ListAccessKeysCommand, useIam, type AccessKeyMetadata } from "@/aws/iam";
import { useMessages } from "@/messages";
import credentials from "@/messages/en/credentials";
import { ConfirmDelete } from "../confirm-delete";
import { Empty } from "../empty";
import { ResourceTable } from "../resource-table";
import { Time } from "../time";
import { CreateKey } from "./create-key";
import { credentialsKey, type Holder } from "./holder";
import { ageInDays, KeyUse, oldKeyDays } from "./key-use";
import { KeyStatus, useKeyStatus } from "./key-status";
import { RotateKey } from "./rotate-key";

type Open = { act: "create" } | { act: "rotate" | "delete"; key: AccessKeyMetadata };

export function AccessKeys({ holder }: { holder: Holder }) {
  const m = useMessages(credentials);
  const iam = useIam();
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const status = useKeyStatus(holder, true);
  const UserName = holder.own ? undefined : holder.userName;
  const keys = useList([...credentialsKey(holder), "access-keys"], async (Marker) => {
    const page = await iam.send(new ListAccessKeysCommand({ UserName, Marker }));
    return { items: page.AccessKeyMetadata ?? [], next: page.Marker };
  });
  const create = (
    <Button formAction="none" onClick={() => setOpen({ act: "create" })}>
      {m("keyCreate")}
    </Button>
  );
  // As it is now: the dialog stays while the list is read anew.
  const current = open && "key" in open && keys.items.find((k) => k.AccessKeyId === open.key.AccessKeyId);
  return (
    <>
      <ResourceTable<AccessKeyMetadata>
        name="access-keys"
        prefix="k."
        title={m("keysTitle")}
        description={m("keysText")}
        list={keys}
        rowId={(k) => k.AccessKeyId ?? ""}
        columns={[
          {
            id: "id",
            header: m("keyId"),
            value: (k) => k.AccessKeyId,
            cell: (k) => <code className="break">{k.AccessKeyId}</code>,
          },
          {
            id: "status",
            header: m("keyStatus"),
            value: (k) => m(k.Status === "Active" ? "keyActive" : "keyInactive"),
            cell: (k) => <KeyStatus status={k.Status} />,
          },
          {
            id: "age",
            header: m("keyAge"),
            value: (k) => ageInDays(k.CreateDate),
            cell: (k) => <KeyAge created={k.CreateDate} />,
          },
          {
            id: "used",
            header: m("keyLastUsed"),
            value: () => undefined,
            cell: (k) => <KeyUse id={k.AccessKeyId ?? ""} />,
            unfiltered: true,
          },
          {
            id: "created",
            header: m("keyCreated"),
            value: (k) => k.CreateDate,
            cell: (k) => <Time value={k.CreateDate} />,
          },
        ]}
        selection="single"
        actions={([key]) => {
          const id = key?.AccessKeyId ?? "";
          const active = key?.Status !== "Inactive";
          return (
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                disabled={!key}
                loading={status.pending}
                onClick={() => status.start({ key: id, active: !active })}
              >
                {m(active ? "keyDeactivate" : "keyActivate")}
              </Button>
              <Button disabled={!key} onClick={() => key && setOpen({ act: "delete", key })}>
                {m("keyDelete")}
              </Button>
              <Button disabled={!key} onClick={() => key && setOpen({ act: "rotate", key })}>
                {m("keyRotate")}
              </Button>
              {create}
            </SpaceBetween>
          );
        }}
        empty={<Empty title={m("keysEmpty")} text={m("keysEmptyText")} action={create} />}
      />
      {open?.act === "create" && <CreateKey holder={holder} onClose={close} />}
      {open?.act === "rotate" && (
        <RotateKey
          holder={holder}
          old={current || open.key}
          fresh={keys.items.find((k) => k.AccessKeyId !== open.key.AccessKeyId)}
          onDelete={() => setOpen({ act: "delete", key: current || open.key })}
          onClose={close}
        />
      )}
      {open?.act === "delete" && <DeleteKey holder={holder} of={current || open.key} onClose={close} />}
    </>
  );
}

function KeyAge({ created }: { created: Date | undefined }) {
  const m = useMessages(credentials);
  const days = ageInDays(created);
  if (days < oldKeyDays) return <>{days === 0 ? m("keyToday") : m("keyDays", { days })}</>;
  return <StatusIndicator type="warning">{m("keyOld", { days })}</StatusIndicator>;
}

function DeleteKey({ holder, of, onClose }: { holder: Holder; of: AccessKeyMetadata; onClose: () => void }) {
  const m = useMessages(credentials);
  const iam = useIam();
  const notices = useNotices();
  const queries = useQueryClient();
  const { session } = useSession();
  const key = of.AccessKeyId ?? "";
  const UserName = holder.own ? undefined : holder.userName;
  return (
    <ConfirmDelete
      name={key}
      title={m("keyDeleteTitle", { key })}
      steps={[
        {
          text: m("keyDeleteStep", { key }),
          run: () => iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: key })),
          call: {
            service: "iam",
            command: "delete-access-key",
            options: { "user-name": UserName, "access-key-id": key },
          },
        },
      ]}
      onDone={() => {
        notices.success(m("keyDeleted", { key }));
        onClose();
        void queries.invalidateQueries({ queryKey: [session.id, ...credentialsKey(holder)] });
      }}
      onClose={onClose}
    >
      <SpaceBetween size="s">
        {of.Status === "Active" && <Alert type="warning">{m("keyDeleteActive")}</Alert>}
        <Box variant="p">{m("keyDeleteText")}</Box>
        <Box>
          <Box variant="awsui-key-label">{m("keyLastUsed")}</Box>
          <KeyUse id={key} />
        </Box>
      </SpaceBetween>
    </ConfirmDelete>
  );
}
