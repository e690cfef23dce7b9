/** Who holds sessions of a role at this moment, and ending them. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { now, useList, useNotices, useRegent, useSession, type Reading } from "@/aws";
import { PutRolePolicyCommand, useIam, type Role } from "@/aws/iam";
import type { RevokeSessionsResponse, SessionSummary } from "@/aws/regent";
import { accountDigits } from "@/components/account";
import { ArnLink } from "@/components/arn-link";
import { ConfirmDelete, type Step } from "@/components/confirm-delete";
import { Empty } from "@/components/empty";
import { PanelState } from "@/components/panel-state";
import { policyCall } from "@/components/permissions/entity";
import { ResourceTable } from "@/components/resource-table";
import { shellQuote } from "@/components/snippet";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/roles";
import { isServiceLinked } from "./data";

type Asking = { what: "one"; session: SessionSummary } | { what: "all" } | { what: "deny" };

export function Sessions({ name, role }: { name: string; role: Reading<Role> }) {
  const m = useMessages(messages);
  const regent = useRegent();
  const iam = useIam();
  const notices = useNotices();
  const queries = useQueryClient();
  const { session } = useSession();
  const [asking, setAsking] = useState<Asking>();
  const pending = useRef(false);
  const arn = role.data?.Arn;
  const list = useList(
    ["regent", "sessions", arn],
    async (NextToken) => {
      const page = await regent.listSessions({ ResourceArn: arn, NextToken });
      return { items: page.Sessions, next: page.NextToken };
    },
    { enabled: arn !== undefined },
  );
  if (arn === undefined) {
    return (
      <PanelState reading={role} lines={5}>
        {() => null}
      </PanelState>
    );
  }

  const revoke = (input: { ResourceArn?: string; AccessKeyId?: string }) => async () => {
    const answer: RevokeSessionsResponse = await regent.revokeSessions(input);
    pending.current = answer.Pending;
  };
  const done = (said: string) => {
    notices.success(said);
    setAsking(undefined);
    void queries.invalidateQueries({ queryKey: [session.id, "regent", "sessions"] });
    void queries.invalidateQueries({ queryKey: [session.id, "iam", "role", name, "policies"] });
  };
  const revoked = () => done(m(pending.current ? "revokedPending" : "revoked"));
  const close = () => setAsking(undefined);
  const deny = () => denyOlder(new Date(now()));
  const steps: Record<Asking["what"], Step[]> = {
    one:
      asking?.what === "one"
        ? [
            {
              text: m("revokeStep", { name: nameOf(asking.session) }),
              run: revoke({ AccessKeyId: asking.session.AccessKeyId }),
              call: revokeCall(asking.session.AccessKeyId),
            },
          ]
        : [],
    all: [{ text: m("revokeAllStep", { name }), run: revoke({ ResourceArn: arn }), call: revokeCall(arn) }],
    deny: [
      {
        text: m("awsStep"),
        run: () =>
          iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: awsPolicy, PolicyDocument: deny() })),
        call: policyCall({ kind: "role", name }, "put", { name: awsPolicy, document: deny() }),
      },
    ],
  };

  return (
    <SpaceBetween size="l">
      <ResourceTable<SessionSummary>
        name="role-sessions"
        title={m("sessionsTitle")}
        description={m("sessionsDescription")}
        list={list}
        rowId={(s) => s.AccessKeyId}
        selection="single"
        defaultSort="-issued"
        columns={[
          { id: "name", header: m("sessionName"), value: (s) => nameOf(s), minWidth: 130 },
          {
            id: "caller",
            header: m("caller"),
            value: (s) => s.CallerArn ?? s.Subject ?? s.CallerAccount,
            cell: (s) => <Caller session={s} />,
            minWidth: 180,
          },
          { id: "source", header: m("source"), value: (s) => s.SourceAddress },
          { id: "mfa", header: m("mfa"), value: (s) => s.MfaAuthenticated, minWidth: 80 },
          {
            id: "issued",
            header: m("issued"),
            value: (s) => s.IssuedAt,
            cell: (s) => <Time value={s.IssuedAt} relative />,
          },
          {
            id: "expires",
            header: m("expires"),
            value: (s) => s.ExpiresAt,
            cell: (s) => <Time value={s.ExpiresAt} relative />,
          },
          {
            id: "used",
            header: m("lastUsed"),
            value: (s) => s.LastUsedAt,
            cell: (s) => <Time value={s.LastUsedAt} relative />,
          },
          { id: "identity", header: m("sourceIdentity"), value: (s) => s.SourceIdentity, hidden: true },
          { id: "key", header: m("keyId"), value: (s) => s.AccessKeyId, hidden: true },
        ]}
        actions={([selected]) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!selected} onClick={() => selected && setAsking({ what: "one", session: selected })}>
              {m("revokeOne")}
            </Button>
            <Button onClick={() => setAsking({ what: "all" })}>{m("revokeAll")}</Button>
          </SpaceBetween>
        )}
        empty={<Empty title={m("sessionsEmpty")} text={m("sessionsEmptyText")} cli={`regent sessions list ${arn}`} />}
      />
      {!isServiceLinked(role.data?.Path ?? "/") && (
        <Container
          header={
            <Header
              variant="h2"
              description={m("awsText")}
              actions={<Button onClick={() => setAsking({ what: "deny" })}>{m("awsPut")}</Button>}
            >
              {m("awsTitle")}
            </Header>
          }
        />
      )}
      {asking && (
        <ConfirmDelete
          name={asking.what === "one" ? nameOf(asking.session) : name}
          title={
            asking.what === "one"
              ? m("revokeOneTitle", { name: nameOf(asking.session) })
              : m(asking.what === "all" ? "revokeAllTitle" : "awsTitleConfirm", { name })
          }
          label={m(asking.what === "deny" ? "awsPut" : asking.what === "all" ? "revokeAll" : "revokeOne")}
          steps={steps[asking.what]}
          onDone={asking.what === "deny" ? () => done(m("awsDone", { name })) : revoked}
          onClose={close}
        >
          <Alert type="warning">
            {m(asking.what === "deny" ? "awsText" : "revokeText")} {asking.what === "deny" ? "" : m("revokeAgain")}
          </Alert>
        </ConfirmDelete>
      )}
    </SpaceBetween>
  );
}

const revokeCall = (what: string) => ({
  service: "regent",
  command: `sessions revoke ${shellQuote(what)}`,
  options: {},
});

const nameOf = (s: SessionSummary) => s.SessionName || s.AccessKeyId;

function Caller({ session: s }: { session: SessionSummary }) {
  const m = useMessages(messages);
  if (s.CallerArn) return <ArnLink arn={s.CallerArn} />;
  if (s.Subject) return <span className="break">{s.Subject}</span>;
  if (s.CallerAccount) return <Box>{m("callerAccount", { account: accountDigits(s.CallerAccount) })}</Box>;
  return <>{"–"}</>;
}

/** The name that AWS's console uses: its users look for it. */
const awsPolicy = "AWSRevokeOlderSessions";

export function denyOlder(than: Date): string {
  const statement = {
    Effect: "Deny",
    Action: ["*"],
    Resource: ["*"],
    Condition: { DateLessThan: { "aws:TokenIssueTime": than.toISOString() } },
  };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] }, null, 2);
}
