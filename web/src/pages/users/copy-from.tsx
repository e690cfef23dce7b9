/** Takes over the groups and attached policies of a user. */
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { readAll, useNotices, useWrite } from "@/aws";
import { ListGroupsForUserCommand, useIam } from "@/aws/iam";
import { ErrorPanel } from "@/components/error-panel";
import { policiesOf } from "@/components/permissions/entity";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";
import { isUserName } from "./create-steps";

interface Copied {
  groups: string[];
  policies: string[];
}

export function CopyFrom({ onCopied }: { onCopied: (copied: Copied) => void }) {
  const m = useMessages(messages);
  const iam = useIam();
  const notices = useNotices();
  const [user, setUser] = useState("");
  const copy = useWrite(
    async (UserName: string): Promise<Copied> => {
      const [groups, policies] = await Promise.all([
        readAll(async (Marker) => {
          const page = await iam.send(new ListGroupsForUserCommand({ UserName, Marker }));
          return { items: (page.Groups ?? []).map((g) => g.GroupName ?? ""), next: page.Marker };
        }),
        readAll(policiesOf(iam, { kind: "user", name: UserName }).attached),
      ]);
      return { groups, policies: policies.map((p) => p.arn) };
    },
    {
      invalidates: [],
      onDone: (copied) => {
        notices.info(m("copied", { groups: copied.groups.length, policies: copied.policies.length }));
        onCopied(copied);
      },
    },
  );
  return (
    <SpaceBetween size="s">
      {copy.problem && <ErrorPanel problem={copy.problem} />}
      <FormField
        label={m("name")}
        secondaryControl={
          <Button
            formAction="none"
            loading={copy.pending}
            disabled={!isUserName(user)}
            onClick={() => copy.start(user)}
          >
            {m("copyAct")}
          </Button>
        }
      >
        <Input value={user} spellcheck={false} autoComplete={false} onChange={({ detail }) => setUser(detail.value)} />
      </FormField>
    </SpaceBetween>
  );
}
