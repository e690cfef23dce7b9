import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { useList, useWrite } from "@/aws";
import {
  AcceptHandshakeCommand,
  CancelHandshakeCommand,
  DeclineHandshakeCommand,
  InviteAccountToOrganizationCommand,
  ListHandshakesForAccountCommand,
  ListHandshakesForOrganizationCommand,
  useOrganizations,
  type Handshake,
} from "@/aws/organizations";
import { Empty } from "@/components/empty";
import { ResourceTable, type Column } from "@/components/resource-table";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { Dialog } from "./dialog";

export function Invite({ onClose }: { onClose: () => void }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [target, setTarget] = useState("");
  const [notes, setNotes] = useState("");
  const Type = target.includes("@") ? "EMAIL" : "ACCOUNT";
  const id = Type === "ACCOUNT" ? target.replaceAll("-", "") : target;
  const invite = useWrite(
    () =>
      organizations.send(
        new InviteAccountToOrganizationCommand({ Target: { Id: id, Type }, Notes: notes || undefined }),
      ),
    { invalidates: [["organizations", "handshakes"]], done: () => m("invited", { target: id }), onDone: onClose },
  );
  return (
    <Dialog
      title={m("invite")}
      act={m("invite")}
      pending={invite.pending}
      problem={invite.problem}
      disabled={!(Type === "EMAIL" || /^\d{12}$/.test(id))}
      calls={[
        {
          service: "organizations",
          command: "invite-account-to-organization",
          options: { target: `Id=${id || "111122223333"},Type=${Type}`, notes: notes || undefined },
        },
      ]}
      onSubmit={() => invite.start(undefined)}
      onClose={onClose}
    >
      <FormField label={m("inviteWho")} description={m("inviteWhoText")}>
        <Input value={target} onChange={({ detail }) => setTarget(detail.value.trim())} />
      </FormField>
      <FormField label={m("notes")}>
        <Textarea value={notes} onChange={({ detail }) => setNotes(detail.value)} />
      </FormField>
    </Dialog>
  );
}

type Act = "accept" | "decline" | "cancel";

function columnsOf(m: ReturnType<typeof useMessages<typeof messages.messages>>): Column<Handshake>[] {
  return [
    { id: "id", header: m("id"), value: (h) => h.Id },
    { id: "action", header: m("handshakeAction"), value: (h) => h.Action },
    { id: "parties", header: m("parties"), value: (h) => (h.Parties ?? []).map((p) => p.Id ?? "") },
    { id: "state", header: m("status"), value: (h) => h.State },
    {
      id: "expires",
      header: m("expires"),
      value: (h) => h.ExpirationTimestamp,
      cell: (h) => <Time value={h.ExpirationTimestamp} />,
    },
  ];
}

const commands = {
  accept: ["accept-handshake", AcceptHandshakeCommand],
  decline: ["decline-handshake", DeclineHandshakeCommand],
  cancel: ["cancel-handshake", CancelHandshakeCommand],
} as const;

/** Asks before an invitation is answered, or taken back. */
function Answer({ act, id, onClose }: { act: Act; id: string; onClose: () => void }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [command, Command] = commands[act];
  const answer = useWrite(
    async () => {
      await organizations.send(new Command({ HandshakeId: id }));
    },
    { invalidates: [["organizations"]], done: () => m(`handshake_${act}`, { id }), onDone: onClose },
  );
  return (
    <Dialog
      title={m(`handshakeTitle_${act}`, { id })}
      act={m(act === "cancel" ? "cancelInvitation" : act)}
      pending={answer.pending}
      problem={answer.problem}
      calls={[{ service: "organizations", command, options: { "handshake-id": id } }]}
      onSubmit={() => answer.start(undefined)}
      onClose={onClose}
    >
      <Alert type={act === "accept" ? "warning" : "info"}>{m(`handshakeText_${act}`)}</Alert>
    </Dialog>
  );
}

const isOpen = (h: Handshake | undefined) => h?.State === "OPEN" || h?.State === "REQUESTED";

/** The organization's invitations, as its management account sees them. */
export function Invitations() {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [canceling, setCanceling] = useState<string>();
  const handshakes = useList(["organizations", "handshakes", "organization"], async (NextToken) => {
    const page = await organizations.send(new ListHandshakesForOrganizationCommand({ NextToken }));
    return { items: page.Handshakes ?? [], next: page.NextToken };
  });
  return (
    <>
      <ResourceTable<Handshake>
        name="handshakes"
        title={m("tabInvitations")}
        list={handshakes}
        rowId={(h) => h.Id ?? ""}
        columns={columnsOf(m)}
        defaultSort="-expires"
        selection="single"
        empty={<Empty title={m("noInvitations")} text={m("noInvitationsText")} />}
        actions={([chosen]) => (
          <Button disabled={!isOpen(chosen)} onClick={() => setCanceling(chosen?.Id)}>
            {m("cancelInvitation")}
          </Button>
        )}
      />
      {canceling && <Answer act="cancel" id={canceling} onClose={() => setCanceling(undefined)} />}
    </>
  );
}

/** Invitations that this account got. */
export function OwnInvitations() {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [answering, setAnswering] = useState<{ act: Act; id: string }>();
  const handshakes = useList(["organizations", "handshakes", "account"], async (NextToken) => {
    const page = await organizations.send(new ListHandshakesForAccountCommand({ NextToken }));
    return { items: page.Handshakes ?? [], next: page.NextToken };
  });
  return (
    <>
      <ResourceTable<Handshake>
        name="own-handshakes"
        title={m("ownInvitations")}
        list={handshakes}
        rowId={(h) => h.Id ?? ""}
        columns={columnsOf(m)}
        defaultSort="-expires"
        selection="single"
        empty={<Empty title={m("noOwnInvitations")} text={m("noOwnInvitationsText")} />}
        actions={([chosen]) => {
          const button = (act: "accept" | "decline") => (
            <Button disabled={!isOpen(chosen)} onClick={() => setAnswering({ act, id: chosen?.Id ?? "" })}>
              {m(act)}
            </Button>
          );
          return (
            <SpaceBetween direction="horizontal" size="xs">
              {button("decline")}
              {button("accept")}
            </SpaceBetween>
          );
        }}
      />
      {answering && <Answer {...answering} onClose={() => setAnswering(undefined)} />}
    </>
  );
}
