import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useList } from "@/aws";
import {
  ListAccessKeysCommand,
  ListMFADevicesCommand,
  useIam,
  type AccessKeyMetadata,
  type MFADevice,
} from "@/aws/iam";
import { Empty } from "@/components/empty";
import { ResourceTable } from "@/components/resource-table";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";

export function SecurityCredentials({ user }: { user: string }) {
  const m = useMessages(messages);
  const iam = useIam();
  const keys = useList(["iam", "user", user, "access-keys"], async (Marker) => {
    const page = await iam.send(new ListAccessKeysCommand({ UserName: user, Marker }));
    return { items: page.AccessKeyMetadata ?? [], next: page.Marker };
  });
  const devices = useList(["iam", "user", user, "mfa-devices"], async (Marker) => {
    const page = await iam.send(new ListMFADevicesCommand({ UserName: user, Marker }));
    return { items: page.MFADevices ?? [], next: page.Marker };
  });
  return (
    <SpaceBetween size="l">
      <ResourceTable<AccessKeyMetadata>
        name="user-access-keys"
        title={m("keysTitle")}
        description={m("keysText")}
        list={keys}
        rowId={(k) => k.AccessKeyId ?? ""}
        columns={[
          { id: "id", header: m("keyId"), value: (k) => k.AccessKeyId },
          {
            id: "status",
            header: m("keyStatus"),
            value: (k) => k.Status,
            cell: (k) => (
              <StatusIndicator type={k.Status === "Active" ? "success" : "stopped"}>
                {m(k.Status === "Active" ? "keyActive" : "keyInactive")}
              </StatusIndicator>
            ),
          },
          {
            id: "created",
            header: m("created"),
            value: (k) => k.CreateDate,
            cell: (k) => <Time value={k.CreateDate} />,
          },
        ]}
        empty={<Empty title={m("keysEmpty")} text={m("keysEmptyText")} />}
      />
      <ResourceTable<MFADevice>
        name="user-mfa-devices"
        prefix="m."
        title={m("mfaTitle")}
        description={m("mfaText")}
        list={devices}
        rowId={(d) => d.SerialNumber ?? ""}
        columns={[
          { id: "serial", header: m("mfaSerial"), value: (d) => d.SerialNumber },
          {
            id: "enabled",
            header: m("mfaEnabled"),
            value: (d) => d.EnableDate,
            cell: (d) => <Time value={d.EnableDate} />,
          },
        ]}
        empty={<Empty title={m("mfaEmpty")} text={m("mfaEmptyText")} />}
      />
    </SpaceBetween>
  );
}
