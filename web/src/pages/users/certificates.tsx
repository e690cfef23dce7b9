/** A user's SSH keys and signing certificates: the same acts on both, under other names. */
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { useList, useWrite, type ReadPage } from "@/aws";
import {
  DeleteSigningCertificateCommand,
  DeleteSSHPublicKeyCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
  UpdateSigningCertificateCommand,
  UpdateSSHPublicKeyCommand,
  UploadSigningCertificateCommand,
  UploadSSHPublicKeyCommand,
  useIam,
  type IAMClient,
} from "@/aws/iam";
import { DeleteThing } from "@/components/delete-thing";
import { FormDialog } from "@/components/credentials/dialog";
import { Empty } from "@/components/empty";
import { ResourceTable } from "@/components/resource-table";
import { shellQuote, ViewAs } from "@/components/snippet";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";

type Kind = "ssh" | "certificate";

interface Row {
  id: string;
  active: boolean;
  uploaded: Date | undefined;
}

interface Acts {
  list: ReadPage<Row>;
  upload: (body: string) => Promise<unknown>;
  set: (id: string, active: boolean) => Promise<unknown>;
  remove: (id: string) => Promise<unknown>;
}

const status = (active: boolean) => (active ? "Active" : "Inactive");

function actsOf(iam: IAMClient, kind: Kind, UserName: string): Acts {
  if (kind === "ssh") {
    return {
      list: async (Marker) => {
        const page = await iam.send(new ListSSHPublicKeysCommand({ UserName, Marker }));
        const items = (page.SSHPublicKeys ?? []).map((k) => ({
          id: k.SSHPublicKeyId ?? "",
          active: k.Status === "Active",
          uploaded: k.UploadDate,
        }));
        return { items, next: page.Marker };
      },
      upload: (SSHPublicKeyBody) => iam.send(new UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody })),
      set: (SSHPublicKeyId, active) =>
        iam.send(new UpdateSSHPublicKeyCommand({ UserName, SSHPublicKeyId, Status: status(active) })),
      remove: (SSHPublicKeyId) => iam.send(new DeleteSSHPublicKeyCommand({ UserName, SSHPublicKeyId })),
    };
  }
  return {
    list: async (Marker) => {
      const page = await iam.send(new ListSigningCertificatesCommand({ UserName, Marker }));
      const items = (page.Certificates ?? []).map((c) => ({
        id: c.CertificateId ?? "",
        active: c.Status === "Active",
        uploaded: c.UploadDate,
      }));
      return { items, next: page.Marker };
    },
    upload: (CertificateBody) => iam.send(new UploadSigningCertificateCommand({ UserName, CertificateBody })),
    set: (CertificateId, active) =>
      iam.send(new UpdateSigningCertificateCommand({ UserName, CertificateId, Status: status(active) })),
    remove: (CertificateId) => iam.send(new DeleteSigningCertificateCommand({ UserName, CertificateId })),
  };
}

const commands = {
  ssh: {
    upload: "upload-ssh-public-key",
    remove: "delete-ssh-public-key",
    id: "ssh-public-key-id",
    body: "ssh-public-key-body",
  },
  certificate: {
    upload: "upload-signing-certificate",
    remove: "delete-signing-certificate",
    id: "certificate-id",
    body: "certificate-body",
  },
} as const;

export function Certificates({ kind, user }: { kind: Kind; user: string }) {
  const m = useMessages(messages);
  const iam = useIam();
  const [uploading, setUploading] = useState(false);
  const [deleting, setDeleting] = useState<Row>();
  const key = ["iam", "user", user, kind];
  const acts = actsOf(iam, kind, user);
  const rows = useList<Row>(key, acts.list);
  const set = useWrite(({ id, active }: { id: string; active: boolean }) => acts.set(id, active), {
    invalidates: [key],
    done: (_, { id, active }) => m(active ? "certificateActivated" : "certificateDeactivated", { id }),
    flashProblem: true,
  });
  const upload = <Button onClick={() => setUploading(true)}>{m(`${kind}Upload`)}</Button>;
  return (
    <>
      <ResourceTable<Row>
        name={`user-${kind}`}
        prefix={kind === "ssh" ? "s." : "c."}
        title={m(`${kind}Title`)}
        description={m(`${kind}Text`)}
        list={rows}
        rowId={(r) => r.id}
        columns={[
          { id: "id", header: m("certificateId"), value: (r) => r.id, cell: (r) => <code>{r.id}</code> },
          {
            id: "status",
            header: m("certificateStatus"),
            value: (r) => m(r.active ? "certificateActive" : "certificateInactive"),
            cell: (r) => (
              <StatusIndicator type={r.active ? "success" : "stopped"}>
                {m(r.active ? "certificateActive" : "certificateInactive")}
              </StatusIndicator>
            ),
          },
          {
            id: "uploaded",
            header: m("certificateUploaded"),
            value: (r) => r.uploaded,
            cell: (r) => <Time value={r.uploaded} />,
          },
        ]}
        selection="single"
        actions={([row]) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              disabled={!row}
              loading={set.pending}
              onClick={() => row && set.start({ id: row.id, active: !row.active })}
            >
              {m(row && !row.active ? "certificateActivate" : "certificateDeactivate")}
            </Button>
            <Button disabled={!row} onClick={() => setDeleting(row)}>
              {m("delete")}
            </Button>
            {upload}
          </SpaceBetween>
        )}
        empty={
          <Empty
            title={m(`${kind}Empty`)}
            text={m(`${kind}EmptyText`)}
            cli={`aws iam ${commands[kind].upload} --user-name ${shellQuote(user)} --${commands[kind].body} file://…`}
          />
        }
      />
      {uploading && (
        <Upload kind={kind} user={user} write={acts.upload} invalidates={key} onClose={() => setUploading(false)} />
      )}
      {deleting && (
        <DeleteThing
          name={deleting.id}
          title={m(kind === "ssh" ? "stepSsh" : "stepCertificate", { name: deleting.id })}
          warning={m("certificateDeleteText")}
          steps={[
            {
              text: m(kind === "ssh" ? "stepSsh" : "stepCertificate", { name: deleting.id }),
              run: () => acts.remove(deleting.id),
              call: {
                service: "iam",
                command: commands[kind].remove,
                options: { "user-name": user, [commands[kind].id]: deleting.id },
              },
            },
          ]}
          done={m("certificateDeleted", { id: deleting.id })}
          invalidates={key}
          onClose={() => setDeleting(undefined)}
        />
      )}
    </>
  );
}

interface UploadProps {
  kind: Kind;
  user: string;
  write: (body: string) => Promise<unknown>;
  invalidates: string[];
  onClose: () => void;
}

function Upload({ kind, user, write, invalidates, onClose }: UploadProps) {
  const m = useMessages(messages);
  const [body, setBody] = useState("");
  const upload = useWrite((text: string) => write(text), {
    invalidates: [invalidates],
    done: () => m("certificateUploadedNow"),
    onDone: onClose,
  });
  const secret = /PRIVATE KEY/.test(body);
  return (
    <FormDialog
      title={m(`${kind}Upload`)}
      label={m(`${kind}Upload`)}
      pending={upload.pending}
      disabled={body.trim() === "" || secret}
      problem={upload.problem}
      size="large"
      onSubmit={() => upload.start(body.trim())}
      onClose={onClose}
    >
      <FormField label={m(`${kind}Body`)} errorText={secret ? m("certificatePrivate") : undefined} stretch>
        <Textarea
          value={body}
          rows={8}
          spellcheck={false}
          placeholder={kind === "ssh" ? "ssh-rsa AAAA…" : "-----BEGIN CERTIFICATE-----"}
          onChange={({ detail }) => setBody(detail.value)}
        />
      </FormField>
      <ViewAs
        calls={[
          {
            service: "iam",
            command: commands[kind].upload,
            options: {
              "user-name": user,
              [commands[kind].body]: `file://${kind === "ssh" ? "key.pub" : "certificate.pem"}`,
            },
          },
        ]}
      />
    </FormDialog>
  );
}
