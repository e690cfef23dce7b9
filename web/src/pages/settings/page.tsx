import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSession } from "@/aws";
import { accountLabel } from "@/components/account";
import { useMessages } from "@/messages";
import messages from "@/messages/en/settings";
import { Alias } from "./alias";
import { Outbound } from "./outbound";
import { PasswordPolicyPanel } from "./password-policy";
import { SignIn } from "./sign-in";
import { Tokens } from "./tokens";

export function Component() {
  const m = useMessages(messages);
  const { session } = useSession();
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={m("description", { account: accountLabel(session) })}>
          {m("title")}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Alias />
        <PasswordPolicyPanel />
        <SignIn />
        <Tokens />
        <Outbound />
      </SpaceBetween>
    </ContentLayout>
  );
}
