import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useWrite, type Problem } from "@/aws";
import {
  CreateOrganizationCommand,
  LeaveOrganizationCommand,
  useOrganizations,
  type Organization,
} from "@/aws/organizations";
import { accountDigits } from "@/components/account";
import { DeleteThing } from "@/components/delete-thing";
import { Empty } from "@/components/empty";
import { ErrorPanel } from "@/components/error-panel";
import { KeyValue } from "@/components/key-value";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { Dialog } from "./dialog";
import { OwnInvitations } from "./invitations";

/** The account is in no organization: it can make one, or follow an invitation. */
export function NoOrganization() {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [creating, setCreating] = useState(false);
  const create = useWrite(() => organizations.send(new CreateOrganizationCommand({ FeatureSet: "ALL" })), {
    invalidates: [["organizations"]],
    done: () => m("organizationCreated"),
    onDone: () => setCreating(false),
  });
  return (
    <ContentLayout header={<Header variant="h1">{m("title")}</Header>}>
      <SpaceBetween size="l">
        <Container>
          <Empty
            title={m("noOrganization")}
            text={m("noOrganizationText")}
            action={
              <Button variant="primary" onClick={() => setCreating(true)}>
                {m("createOrganization")}
              </Button>
            }
            cli="aws organizations create-organization --feature-set ALL"
          />
        </Container>
        <OwnInvitations />
      </SpaceBetween>
      {creating && (
        <Dialog
          title={m("createOrganization")}
          act={m("createOrganization")}
          pending={create.pending}
          problem={create.problem}
          calls={[{ service: "organizations", command: "create-organization", options: { "feature-set": "ALL" } }]}
          onSubmit={() => create.start(undefined)}
          onClose={() => setCreating(false)}
        >
          <Alert type="info">{m("createOrganizationText")}</Alert>
        </Dialog>
      )}
    </ContentLayout>
  );
}

/** A member sees which account manages the organization, and may leave. */
export function OfMember({ organization, problem }: { organization: Organization; problem: Problem }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [leaving, setLeaving] = useState(false);
  const id = organization.Id ?? "";
  return (
    <ContentLayout
      header={
        <Header variant="h1" actions={<Button onClick={() => setLeaving(true)}>{m("leave")}</Button>}>
          {m("title")}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Alert type="info">
          {m("managedElsewhere", { account: accountDigits(organization.MasterAccountId ?? "") })}
        </Alert>
        <Container>
          <KeyValue
            pairs={[
              { label: m("id"), value: organization.Id },
              { label: m("managementAccount"), value: accountDigits(organization.MasterAccountId ?? "") },
              { label: m("managementEmail"), value: organization.MasterAccountEmail },
            ]}
          />
        </Container>
        <ErrorPanel problem={problem} />
        <OwnInvitations />
      </SpaceBetween>
      {leaving && (
        <DeleteThing
          name={id}
          title={m("leaveTitle", { id })}
          label={m("leave")}
          warning={m("leaveText")}
          steps={[
            {
              text: m("leave"),
              run: () => organizations.send(new LeaveOrganizationCommand({})),
              call: { service: "organizations", command: "leave-organization", options: {} },
            },
          ]}
          done={m("left")}
          invalidates={["organizations"]}
          onClose={() => setLeaving(false)}
        />
      )}
    </ContentLayout>
  );
}
