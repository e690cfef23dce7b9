import Alert from "@cloudscape-design/components/alert";
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
  EnableAWSServiceAccessCommand,
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
  const root = useRoot();
  const [asking, setAsking] = useState<TypeChange>();
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
                  onChange={({ detail }) => setAsking({ root: r?.Id ?? "", type, enable: detail.checked })}
                >
                  {m(`type_${type}`)}
                </Toggle>
              );
            })}
          </SpaceBetween>
        )}
      </PanelState>
      {asking && <ChangeType {...asking} onClose={() => setAsking(undefined)} />}
    </Container>
  );
}

interface TypeChange {
  root: string;
  type: GuardrailType;
  enable: boolean;
}

function ChangeType({ root, type, enable, onClose }: TypeChange & { onClose: () => void }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const change = useWrite(
    async () => {
      const input = { RootId: root, PolicyType: type };
      if (enable) await organizations.send(new EnablePolicyTypeCommand(input));
      else await organizations.send(new DisablePolicyTypeCommand(input));
    },
    {
      invalidates: [["organizations"]],
      done: () => m(enable ? "typeEnabled" : "typeDisabled", { type: m(`type_${type}`) }),
      onDone: onClose,
    },
  );
  return (
    <Dialog
      title={m(enable ? "typeEnable" : "typeDisable", { type: m(`type_${type}`) })}
      act={m(enable ? "turnOn" : "turnOff")}
      pending={change.pending}
      problem={change.problem}
      calls={[
        {
          service: "organizations",
          command: enable ? "enable-policy-type" : "disable-policy-type",
          options: { "root-id": root, "policy-type": type },
        },
      ]}
      onSubmit={() => change.start(undefined)}
      onClose={onClose}
    >
      <Alert type={enable ? "info" : "warning"}>{m(enable ? "typeEnableText" : "typeDisableText")}</Alert>
    </Dialog>
  );
}

function Delegates() {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<string>();
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
            <Button disabled={chosen === undefined} onClick={() => setLeaving(chosen?.Id)}>
              {m("deregister")}
            </Button>
            <Button onClick={() => setAdding(true)}>{m("register")}</Button>
          </SpaceBetween>
        )}
      />
      {leaving && <Deregister account={leaving} onClose={() => setLeaving(undefined)} />}
      {adding && <Register onClose={() => setAdding(false)} />}
    </>
  );
}

/** The service for which a delegated administrator sees and edits the organization's policies in IAM. */
const iam = "iam.amazonaws.com";

function Deregister({ account, onClose }: { account: string; onClose: () => void }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const deregister = useWrite(
    () =>
      organizations.send(new DeregisterDelegatedAdministratorCommand({ AccountId: account, ServicePrincipal: iam })),
    {
      invalidates: [["organizations", "delegates"]],
      done: () => m("deregistered", { id: account }),
      onDone: onClose,
    },
  );
  return (
    <Dialog
      title={m("deregisterTitle", { id: accountDigits(account) })}
      act={m("deregister")}
      pending={deregister.pending}
      problem={deregister.problem}
      calls={[
        {
          service: "organizations",
          command: "deregister-delegated-administrator",
          options: { "account-id": account, "service-principal": iam },
        },
      ]}
      onSubmit={() => deregister.start(undefined)}
      onClose={onClose}
    >
      <Alert type="warning">{m("deregisterText")}</Alert>
    </Dialog>
  );
}

function Register({ onClose }: { onClose: () => void }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [account, setAccount] = useState("");
  const [service, setService] = useState(iam);
  const id = account.replaceAll("-", "");
  const register = useWrite(
    async () => {
      // A service that has no access yet has nothing to delegate; one that has it keeps it.
      await organizations.send(new EnableAWSServiceAccessCommand({ ServicePrincipal: service }));
      await organizations.send(new RegisterDelegatedAdministratorCommand({ AccountId: id, ServicePrincipal: service }));
    },
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
          command: "enable-aws-service-access",
          options: { "service-principal": service },
        },
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
      <FormField label={m("service")} description={m("serviceText")}>
        <Input value={service} spellcheck={false} onChange={({ detail }) => setService(detail.value.trim())} />
      </FormField>
    </Dialog>
  );
}
