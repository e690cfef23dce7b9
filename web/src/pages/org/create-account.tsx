import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useWrite } from "@/aws";
import {
  CreateAccountCommand,
  DescribeCreateAccountStatusCommand,
  useOrganizations,
  type CreateAccountStatus,
  type OrganizationsClient,
} from "@/aws/organizations";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";
import { Dialog } from "./dialog";

/** Makes an account in the organization, and waits until it is there. */
export function CreateAccount({ onClose }: { onClose: () => void }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("OrganizationAccountAccessRole");
  const create = useWrite(
    async () => {
      const { CreateAccountStatus: begun } = await organizations.send(
        new CreateAccountCommand({ AccountName: name, Email: email, RoleName: role || undefined }),
      );
      const status = await settled(organizations, begun);
      if (status?.State !== "FAILED") return status;
      const reason = status.FailureReason ?? "";
      throw Object.assign(new Error(m("accountNotCreated", { name, reason })), { name: reason });
    },
    {
      invalidates: [["organizations"]],
      onDone: onClose,
      done: (status) =>
        status?.AccountId ? m("accountCreated", { name, id: status.AccountId }) : m("accountBegun", { name }),
    },
  );
  return (
    <Dialog
      title={m("createAccount")}
      act={m("createAccount")}
      pending={create.pending}
      problem={create.problem}
      disabled={name === "" || !email.includes("@")}
      calls={[
        {
          service: "organizations",
          command: "create-account",
          options: {
            "account-name": name || "staging",
            email: email || "staging@example.com",
            "role-name": role || undefined,
          },
        },
      ]}
      onSubmit={() => create.start(undefined)}
      onClose={onClose}
    >
      {create.pending && (
        <div role="status">
          <StatusIndicator type="in-progress">{m("accountInProgress", { name })}</StatusIndicator>
        </div>
      )}
      <FormField label={m("name")}>
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <FormField label={m("email")} description={m("emailText")}>
        <Input type="email" value={email} onChange={({ detail }) => setEmail(detail.value.trim())} />
      </FormField>
      <FormField label={m("accessRole")} description={m("accessRoleText")}>
        <Input value={role} spellcheck={false} onChange={({ detail }) => setRole(detail.value.trim())} />
      </FormField>
    </Dialog>
  );
}

const patience = 60;

/** Asks how the creation fares until it is over. */
async function settled(
  organizations: OrganizationsClient,
  begun: CreateAccountStatus | undefined,
): Promise<CreateAccountStatus | undefined> {
  let status = begun;
  for (let i = 0; status?.State === "IN_PROGRESS" && i < patience; i++) {
    await new Promise((wake) => setTimeout(wake, Math.min(250 * 2 ** i, 2000)));
    const answer = await organizations.send(
      new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: status.Id }),
    );
    status = answer.CreateAccountStatus;
  }
  return status;
}
