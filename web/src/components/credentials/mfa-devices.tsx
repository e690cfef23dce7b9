/** The MFA devices of a user or of root: seen, added, replaced, removed. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useList, useNotices, useSession } from "@/aws";
import {
  DeactivateMFADeviceCommand,
  DeleteVirtualMFADeviceCommand,
  ListMFADevicesCommand,
  useIam,
  type MFADevice,
} from "@/aws/iam";
import { signInAddress } from "@/aws/sessions";
import { useMessages } from "@/messages";
import credentials from "@/messages/en/credentials";
import { ConfirmDelete, type Step } from "../confirm-delete";
import { Empty } from "../empty";
import { base } from "../links";
import { ResourceTable } from "../resource-table";
import { Time } from "../time";
import { AddDevice } from "./add-device";
import { deviceKind, deviceName } from "./device";
import { credentialsKey, nameOf, type Holder } from "./holder";
import { Resync } from "./resync";

type Open =
  | { act: "add" }
  | { act: "replace"; old: string }
  | { act: "replaced"; old: string; serial: string }
  | { act: "remove" | "resync"; serial: string };

export function MfaDevices({ holder }: { holder: Holder }) {
  const m = useMessages(credentials);
  const iam = useIam();
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const UserName = holder.own ? undefined : holder.userName;
  const devices = useList([...credentialsKey(holder), "mfa-devices"], async (Marker) => {
    const page = await iam.send(new ListMFADevicesCommand({ UserName, Marker }));
    return { items: page.MFADevices ?? [], next: page.Marker };
  });
  const serials = devices.items.map((d) => d.SerialNumber ?? "");
  const add = (
    <Button formAction="none" onClick={() => setOpen({ act: "add" })}>
      {m("mfaAdd")}
    </Button>
  );
  return (
    <>
      <ResourceTable<MFADevice>
        name="mfa-devices"
        prefix="m."
        title={m("mfaTitle")}
        description={m("mfaText")}
        list={devices}
        rowId={(d) => d.SerialNumber ?? ""}
        columns={[
          { id: "name", header: m("mfaName"), value: (d) => deviceName(d.SerialNumber ?? "") },
          { id: "kind", header: m("mfaKind"), value: (d) => m(`mfaKind_${deviceKind(d.SerialNumber ?? "")}`) },
          {
            id: "enabled",
            header: m("mfaEnabled"),
            value: (d) => d.EnableDate,
            cell: (d) => <Time value={d.EnableDate} />,
          },
          {
            id: "serial",
            header: m("mfaSerial"),
            value: (d) => d.SerialNumber,
            cell: (d) => <span className="break">{d.SerialNumber}</span>,
          },
        ]}
        selection="single"
        actions={([selected]) => {
          const serial = selected?.SerialNumber ?? "";
          return (
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                disabled={serial === "" || deviceKind(serial) === "passkey"}
                onClick={() => setOpen({ act: "resync", serial })}
              >
                {m("mfaResync")}
              </Button>
              <Button disabled={serial === ""} onClick={() => setOpen({ act: "remove", serial })}>
                {m("mfaRemove")}
              </Button>
              <Button disabled={serial === ""} onClick={() => setOpen({ act: "replace", old: serial })}>
                {m("mfaReplace")}
              </Button>
              {add}
            </SpaceBetween>
          );
        }}
        empty={<Empty title={m("mfaEmpty")} text={m("mfaEmptyText")} action={add} />}
      />
      {(open?.act === "add" || open?.act === "replace") && (
        <AddDevice
          holder={holder}
          taken={serials}
          title={
            open.act === "replace"
              ? m("replaceTitle", { name: deviceName(open.old) })
              : holder.own
                ? m("addTitle")
                : m("addTitleFor", { name: nameOf(holder) })
          }
          onAdded={(serial) => setOpen(open.act === "replace" ? { act: "replaced", old: open.old, serial } : undefined)}
          onClose={close}
        />
      )}
      {open?.act === "replaced" && (
        <Replaced
          old={deviceName(open.old)}
          name={deviceName(open.serial)}
          onRemove={() => setOpen({ act: "remove", serial: open.old })}
          onClose={close}
        />
      )}
      {open?.act === "remove" && (
        <RemoveDevice holder={holder} serial={open.serial} last={serials.length === 1} onClose={close} />
      )}
      {open?.act === "resync" && <Resync holder={holder} serial={open.serial} onClose={close} />}
    </>
  );
}

/** The new device counts: the old one may go, without a moment without any. */
function Replaced({
  old,
  name,
  onRemove,
  onClose,
}: {
  old: string;
  name: string;
  onRemove: () => void;
  onClose: () => void;
}) {
  const m = useMessages(credentials);
  return (
    <Modal
      visible
      header={m("replaceDone")}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {m("replaceLater")}
            </Button>
            <Button variant="primary" onClick={onRemove}>
              {m("replaceNow")}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {m("replaceText", { name, old })}
    </Modal>
  );
}

interface RemoveProps {
  holder: Holder;
  serial: string;
  last: boolean;
  onClose: () => void;
}

function RemoveDevice({ holder, serial, last, onClose }: RemoveProps) {
  const m = useMessages(credentials);
  const iam = useIam();
  const notices = useNotices();
  const queries = useQueryClient();
  const { session } = useSession();
  const name = deviceName(serial);
  const changed = () => void queries.invalidateQueries({ queryKey: [session.id, ...credentialsKey(holder)] });
  const UserName = holder.own ? undefined : holder.userName;
  const steps: Step[] = [
    {
      text: m("stepDeactivate"),
      run: () => iam.send(new DeactivateMFADeviceCommand({ UserName, SerialNumber: serial })),
      call: {
        service: "iam",
        command: "deactivate-mfa-device",
        options: { "user-name": UserName, "serial-number": serial },
      },
    },
  ];
  // One's own session ends with the first step: what is left of the device is nobody's, and harms nobody.
  if (!holder.own && deviceKind(serial) === "totp") {
    steps.push({
      text: m("stepVirtual"),
      run: () => iam.send(new DeleteVirtualMFADeviceCommand({ SerialNumber: serial })),
      call: { service: "iam", command: "delete-virtual-mfa-device", options: { "serial-number": serial } },
    });
  }
  return (
    <ConfirmDelete
      name={name}
      title={m("removeTitle", { name })}
      label={m("removeLabel")}
      steps={steps}
      onDone={() => {
        onClose();
        if (holder.own) {
          location.assign(signInAddress(`${base}/security-credentials`, session.accountAlias || session.accountId));
          return;
        }
        notices.success(m("removed", { name }));
        changed();
      }}
      onClose={(some) => {
        onClose();
        if (some) changed();
      }}
    >
      <SpaceBetween size="s">
        {last && <Alert type="warning">{m("removeLast")}</Alert>}
        <Box variant="p">{m("removeText")}</Box>
        <Box variant="p">{holder.own ? m("removeOwn") : m("removeOther", { name: nameOf(holder) })}</Box>
      </SpaceBetween>
    </ConfirmDelete>
  );
}
