/**
 * The other half of a trust policy: in the account of the users somebody needs sts:AssumeRole on the role. Where a
 * session of that account is open, it is put on a group there.
 */
import Alert from "@cloudscape-design/components/alert";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { readAll, useRead, useSession, useWrite } from "@/aws";
import { CreateGroupCommand, ListGroupsCommand, PutGroupPolicyCommand } from "@/aws/iam";
import { useSessionIn, type OtherSession } from "@/aws/other";
import { accountDigits, sessionName } from "@/components/account";
import { arnName } from "@/components/arn";
import { ErrorPanel } from "@/components/error-panel";
import { JsonView } from "@/components/json-view";
import { isPolicyName, policiesOf, policyCall } from "@/components/permissions/entity";
import { ViewAs } from "@/components/snippet";
import type { TrustNeeds } from "@/components/trust";
import { useMessages } from "@/messages";
import messages from "@/messages/en/roles";
import { assumeRolePolicy } from "./switch-link";

interface Props {
  arn: string;
  needs: TrustNeeds;
  /** Whether the ARN is a whole one: there is none before the role has a name. */
  named?: boolean;
}

export function OtherHalf({ arn, needs, named = true }: Props) {
  const m = useMessages(messages);
  const own = useSession().session.accountId;
  if (!needs.people) return null;
  const others = needs.accounts.filter((a) => a !== own);
  const accounts = needs.accounts.length === 0 ? [own] : needs.accounts;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            others.length === 0 ? m("otherOwn") : m("otherText", { account: others.map(accountDigits).join(", ") })
          }
        >
          {m("otherTitle")}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <JsonView value={assumeRolePolicy(arn)} name={m("otherName")} />
        {named &&
          accounts.map((account) => (
            <PutThere
              key={account}
              account={account}
              arn={arn}
              label={
                account === own
                  ? m("otherPutHere")
                  : others.length === 1
                    ? m("otherPut")
                    : m("otherPutIn", { account: accountDigits(account) })
              }
            />
          ))}
      </SpaceBetween>
    </Container>
  );
}

function PutThere({ account, arn, label }: { account: string; arn: string; label: string }) {
  const m = useMessages(messages);
  const there = useSessionIn(account);
  const [open, setOpen] = useState(false);
  const [done, setDone] = useState("");
  if (!there) {
    return <StatusIndicator type="info">{m("otherNoSession", { account: accountDigits(account) })}</StatusIndicator>;
  }
  if (done !== "") return <StatusIndicator type="success">{done}</StatusIndicator>;
  if (!open) return <Button onClick={() => setOpen(true)}>{label}</Button>;
  return <PutForm there={there} arn={arn} label={label} onDone={setDone} />;
}

const isGroupName = (name: string) => /^[\w+=,.@-]{1,128}$/.test(name);

interface FormProps {
  there: OtherSession;
  arn: string;
  label: string;
  onDone: (said: string) => void;
}

function PutForm({ there, arn, label, onDone }: FormProps) {
  const m = useMessages(messages);
  const { session, iam } = there;
  const account = accountDigits(session.accountId);
  const [group, setGroup] = useState("");
  const [name, setName] = useState(`assume-${arnName(arn)}`.slice(0, 128));
  // Who may not list groups types the name of one.
  const groups = useRead(["of", session.id, "iam", "group-names"], () =>
    readAll(async (Marker) => {
      const page = await iam.send(new ListGroupsCommand({ Marker, MaxItems: 1000 }));
      return { items: (page.Groups ?? []).map((g) => g.GroupName ?? ""), next: page.Marker };
    }),
  );
  const known = groups.data?.includes(group) ?? true;
  const put = useWrite(
    async () => {
      if (!known) await iam.send(new CreateGroupCommand({ GroupName: group }));
      await iam.send(
        new PutGroupPolicyCommand({ GroupName: group, PolicyName: name, PolicyDocument: assumeRolePolicy(arn) }),
      );
    },
    {
      invalidates: [["of", session.id, "iam"], ["iam", "group"], ["iam", "groups"], ["regent"]],
      onDone: () => onDone(m("otherDone", { group, account, role: arnName(arn) })),
    },
  );
  const ready = isGroupName(group) && isPolicyName(name);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (ready) put.start(undefined);
      }}
    >
      <SpaceBetween size="m">
        <Box color="text-body-secondary">{m("otherPutAs", { who: sessionName(session), account })}</Box>
        {put.problem && <ErrorPanel problem={put.problem} />}
        <FormField
          label={m("otherGroup")}
          description={m("otherGroupFind")}
          warningText={group !== "" && !known && isGroupName(group) ? m("otherGroupNew", { name: group }) : undefined}
        >
          <Autosuggest
            value={group}
            placeholder={m("otherGroupPlaceholder")}
            options={(groups.data ?? []).map((value) => ({ value }))}
            enteredTextLabel={(value) => m("otherGroupNew", { name: value })}
            expandToViewport
            onChange={({ detail }) => setGroup(detail.value)}
          />
        </FormField>
        <FormField label={m("otherPolicyName")}>
          <Input value={name} spellcheck={false} onChange={({ detail }) => setName(detail.value)} />
        </FormField>
        {groups.data?.includes(group) && <Replaces there={there} group={group} policy={name} />}
        {ready && (
          <ViewAs
            of={session}
            calls={[
              ...(known ? [] : [{ service: "iam", command: "create-group", options: { "group-name": group } }]),
              policyCall({ kind: "group", name: group }, "put", { name, document: assumeRolePolicy(arn) }),
            ]}
          />
        )}
        <Button formAction="submit" variant="primary" loading={put.pending} disabled={!ready}>
          {label}
        </Button>
      </SpaceBetween>
    </form>
  );
}

/** Says so when the group has a policy of that name: putting replaces it whole. */
function Replaces({ there, group, policy }: { there: OtherSession; group: string; policy: string }) {
  const m = useMessages(messages);
  const names = useRead(["of", there.session.id, "iam", "group", group, "inline"], () =>
    readAll(policiesOf(there.iam, { kind: "group", name: group }).inline),
  );
  if (!names.data?.includes(policy)) return null;
  return <Alert type="warning">{m("otherReplaces", { group, policy })}</Alert>;
}
