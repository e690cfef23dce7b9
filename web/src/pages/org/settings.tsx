import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useState } from "react";
import { useList, useWrite } from "@/aws";
import {
  DeregisterDelegatedAdministratorCommand,
  DisablePolicyTypeCommand,
  EnablePolicyTypeCommand,
  ListDelegatedAdministratorsCommand,
  RegisterDelegatedAdministratorCommand,
  useOrganizations,
  type DelegatedAdministrator,
  type Organization,
} from "@/aws/organizations";
import { accountDigits } from "@/components/account";
import { ArnLink } from "@/components/arn-link";
import { Empty } from "@/components/empty";
import { KeyValue } from "@/components/key-value";
import { PanelState } from "@/components/panel-state";
import { ResourceTable } from "@/components/resource-table";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { Dialog } from "./dialog";
import { useRoot } from "./organization";
import { guardrails, type GuardrailType } from "./targets";

export function Settings({ organization }: { organization: Organization }) {
  const m = useMessages(messages);
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{m("facts")}</Header>}>
        <KeyValue
          pairs={[
            { label: m("id"), value: organization.Id },
            { label: m("arn"), value: <ArnLink arn={organization.Arn} copy /> },
            { label: m("features"), value: organization.FeatureSet },
            { label: m("managementAccount"), value: accountDigits(organization.MasterAccountId ?? "") },
            { label: m("managementEmail"), value: organization.MasterAccountEmail },
          ]}
        />
      </Container>
      <PolicyTypes />
      <Delegates />
    </SpaceBetween>
  );
}

/** Which policies count in the organization. */
function PolicyTypes() {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const root = useRoot();
  const change = useWrite(
    async ({ type, enable }: { type: GuardrailType; enable: boolean }) => {
      const input = { RootId: root.data?.Id, PolicyType: type };
      if (enable) await organizations.send(new EnablePolicyTypeCommand(input));
      else await organizations.send(new DisablePolicyTypeCommand(input));
    },
    {
      invalidates: [["organizations"]],
      done: (_, { type, enable }) => m(enable ? "typeEnabled" : "typeDisabled", { type: m(`type_${type}`) }),
      flashProblem: true,
    },
  );
  return (
    <Container
      header={
        <Header variant="h2" description={m("typesText")}>
          {m("types")}
        </Header>
      }
    >
      <PanelState reading={root}>
        {(r) => (
          <SpaceBetween size="s">
            {guardrails.map((type) => {
              const enabled = r?.PolicyTypes?.some((t) => t.Type === type && t.Status === "ENABLED") ?? false;
              return (
                <Toggle
                  key={type}
                  checked={enabled}
                  disabled={change.pending}
                  onChange={({ detail }) => change.start({ type, enable: detail.checked })}
                >
                  {m(`type_${type}`)}
                </Toggle>
              );
            })}
          </SpaceBetween>
        )}
      </PanelState>
    </Container>
  );
}

function Delegates() {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [adding, setAdding] = useState(false);
  const delegates = useList(["organizations", "delegates"], async (NextToken) => {
    const page = await organizations.send(new ListDelegatedAdministratorsCommand({ NextToken }));
    return { items: page.DelegatedAdministrators ?? [], next: page.NextToken };
  });
  return (
    <>
      <ResourceTable<DelegatedAdministrator>
        name="delegates"
        title={m("delegates")}
        description={m("delegatesText")}
        list={delegates}
        rowId={(d) => d.Id ?? ""}
        columns={[
          { id: "name", header: m("name"), value: (d) => d.Name },
          { id: "id", header: m("id"), value: (d) => d.Id, cell: (d) => accountDigits(d.Id ?? "") },
          {
            id: "since",
            header: m("since"),
            value: (d) => d.DelegationEnabledDate,
            cell: (d) => <Time value={d.DelegationEnabledDate} />,
          },
        ]}
        selection="single"
        empty={<Empty title={m("noDelegates")} text={m("noDelegatesText")} />}
        actions={([chosen]) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Deregister account={chosen?.Id} />
            <Button onClick={() => setAdding(true)}>{m("register")}</Button>
          </SpaceBetween>
        )}
      />
      {adding && <Register onClose={() => setAdding(false)} />}
    </>
  );
}

/** The service for which a delegated administrator sees and edits the organization's policies in IAM. */
const iam = "iam.amazonaws.com";

function Deregister({ account }: { account: string | undefined }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const deregister = useWrite(
    (AccountId: string) =>
      organizations.send(new DeregisterDelegatedAdministratorCommand({ AccountId, ServicePrincipal: iam })),
    {
      invalidates: [["organizations", "delegates"]],
      done: (_, id) => m("deregistered", { id }),
      flashProblem: true,
    },
  );
  return (
    <Button
      disabled={account === undefined}
      loading={deregister.pending}
      onClick={() => account !== undefined && deregister.start(account)}
    >
      {m("deregister")}
    </Button>
  );
}

function Register({ onClose }: { onClose: () => void }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [account, setAccount] = useState("");
  const [service, setService] = useState(iam);
  const id = account.replaceAll("-", "");
  const register = useWrite(
    () => organizations.send(new RegisterDelegatedAdministratorCommand({ AccountId: id, ServicePrincipal: service })),
    { invalidates: [["organizations", "delegates"]], done: () => m("registered", { id }), onDone: onClose },
  );
  return (
    <Dialog
      title={m("register")}
      act={m("register")}
      pending={register.pending}
      problem={register.problem}
      disabled={!/^\d{12}$/.test(id) || service === ""}
      calls={[
        {
          service: "organizations",
          command: "register-delegated-administrator",
          options: { "account-id": id || "111122223333", "service-principal": service },
        },
      ]}
      onSubmit={() => register.start(undefined)}
      onClose={onClose}
    >
      <FormField label={m("accountId")}>
        <Input value={account} inputMode="numeric" onChange={({ detail }) => setAccount(detail.value.trim())} />
      </FormField>
      <FormField label={m("service")}>
        <Input value={service} spellcheck={false} onChange={({ detail }) => setService(detail.value.trim())} />
      </FormField>
    </Dialog>
  );
}
