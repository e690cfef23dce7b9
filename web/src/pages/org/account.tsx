import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useRead } from "@/aws";
import {
  CloseAccountCommand,
  DescribeAccountCommand,
  RemoveAccountFromOrganizationCommand,
  useOrganizations,
  type Account,
} from "@/aws/organizations";
import { accountDigits } from "@/components/account";
import { ArnLink } from "@/components/arn-link";
import { DeleteThing } from "@/components/delete-thing";
import { KeyValue } from "@/components/key-value";
import { useGo, useParam } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { Guardrail } from "./guardrail";
import { ManagedElsewhere } from "./managed-elsewhere";
import { Move } from "./move";
import { NodePolicies } from "./node-policies";
import { NodeTags } from "./node-tags";
import { accountNode, useOrganization, useRoot, type Node } from "./organization";

/** An account of the organization. */
export function Component() {
  const id = useParam("id");
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [dialog, setDialog] = useState<"move" | "close" | "remove">();
  const organization = useOrganization();
  const root = useRoot();
  const account = useRead(["organizations", "account", id], async () => {
    const { Account } = await organizations.send(new DescribeAccountCommand({ AccountId: id }));
    return Account;
  });
  const node = account.data && accountNode(account.data);
  const top: Node | undefined = root.data && {
    kind: "root",
    id: root.data.Id ?? "",
    name: root.data.Name ?? "",
    arn: root.data.Arn ?? "",
  };
  const shut = () => setDialog(undefined);
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!node || !top} onClick={() => setDialog("move")}>
                {m("moveTo")}
              </Button>
              <Button onClick={() => setDialog("remove")}>{m("removeAccount")}</Button>
              <Button onClick={() => setDialog("close")}>{m("closeAccount")}</Button>
            </SpaceBetween>
          }
        >
          <span className="break">{account.data?.Name ?? accountDigits(id)}</span>
        </Header>
      }
    >
      <SpaceBetween size="l">
        <ManagedElsewhere denied={account.problem?.kind === "denied"} />
        <Container>
          <PanelState reading={account}>{(a) => <Facts account={a} />}</PanelState>
        </Container>
        <PanelState reading={root}>
          {() =>
            node && top ? (
              <SpaceBetween size="l">
                <Guardrail root={top} node={node} management={organization.data?.MasterAccountId} />
                <NodePolicies root={top} node={node} />
              </SpaceBetween>
            ) : null
          }
        </PanelState>
        <NodeTags id={id} name={account.data?.Name ?? id} />
      </SpaceBetween>
      {dialog === "move" && node && top && <Move root={top} account={node} onClose={shut} />}
      {(dialog === "close" || dialog === "remove") && (
        <Gone act={dialog} id={id} name={account.data?.Name ?? id} onClose={shut} />
      )}
    </ContentLayout>
  );
}

function Facts({ account }: { account: Account | undefined }) {
  const m = useMessages(messages);
  return (
    <KeyValue
      pairs={[
        { label: m("id"), value: accountDigits(account?.Id ?? "") },
        { label: m("email"), value: account?.Email },
        { label: m("status"), value: account?.State ?? account?.Status },
        { label: m("arn"), value: <ArnLink arn={account?.Arn} copy /> },
        { label: m("joined"), value: <Time value={account?.JoinedTimestamp} /> },
        { label: m("joinedHow"), value: account?.JoinedMethod },
      ]}
    />
  );
}

interface GoneProps {
  act: "close" | "remove";
  id: string;
  name: string;
  onClose: () => void;
}

/** Closes an account, or takes it out of the organization. */
function Gone({ act, id, name, onClose }: GoneProps) {
  const m = useMessages(messages);
  const go = useGo();
  const organizations = useOrganizations();
  const closing = act === "close";
  return (
    <DeleteThing
      name={name}
      title={m(closing ? "closeTitle" : "removeTitle", { name })}
      label={m(closing ? "closeAccount" : "removeAccount")}
      steps={[
        {
          text: m(closing ? "closeTitle" : "removeTitle", { name }),
          run: async () => {
            if (closing) await organizations.send(new CloseAccountCommand({ AccountId: id }));
            else await organizations.send(new RemoveAccountFromOrganizationCommand({ AccountId: id }));
          },
          call: {
            service: "organizations",
            command: closing ? "close-account" : "remove-account-from-organization",
            options: { "account-id": id },
          },
        },
      ]}
      warning={m(closing ? "closeText" : "removeText")}
      done={m(closing ? "closed" : "removed", { name })}
      invalidates={["organizations"]}
      onClose={onClose}
      onDeleted={closing ? undefined : () => go("/org", { replace: true })}
    />
  );
}
