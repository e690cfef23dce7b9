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

function useActs() {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  return useWrite(
    async ({ act, HandshakeId }: { act: Act; HandshakeId: string }) => {
      if (act === "accept") await organizations.send(new AcceptHandshakeCommand({ HandshakeId }));
      else if (act === "decline") await organizations.send(new DeclineHandshakeCommand({ HandshakeId }));
      else await organizations.send(new CancelHandshakeCommand({ HandshakeId }));
    },
    {
      invalidates: [["organizations"]],
      done: (_, { act, HandshakeId }) => m(`handshake_${act}`, { id: HandshakeId }),
      flashProblem: true,
    },
  );
}

/** The organization's invitations, as its management account sees them. */
export function Invitations() {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const acts = useActs();
  const handshakes = useList(["organizations", "handshakes", "organization"], async (NextToken) => {
    const page = await organizations.send(new ListHandshakesForOrganizationCommand({ NextToken }));
    return { items: page.Handshakes ?? [], next: page.NextToken };
  });
  return (
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
        <Button
          disabled={chosen?.State !== "OPEN" && chosen?.State !== "REQUESTED"}
          loading={acts.pending}
          onClick={() => chosen?.Id && acts.start({ act: "cancel", HandshakeId: chosen.Id })}
        >
          {m("cancelInvitation")}
        </Button>
      )}
    />
  );
}

/** Invitations that this account got. */
export function OwnInvitations() {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const acts = useActs();
  const handshakes = useList(["organizations", "handshakes", "account"], async (NextToken) => {
    const page = await organizations.send(new ListHandshakesForAccountCommand({ NextToken }));
    return { items: page.Handshakes ?? [], next: page.NextToken };
  });
  return (
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
        const open = chosen?.State === "OPEN" || chosen?.State === "REQUESTED";
        const button = (act: "accept" | "decline") => (
          <Button
            disabled={!open}
            loading={acts.pending}
            onClick={() => chosen?.Id && acts.start({ act, HandshakeId: chosen.Id })}
          >
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
  );
}
