import Alert from "@cloudscape-design/components/alert";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import { Navigate } from "react-router";
import { useRead, useSession } from "@/aws";
import { GetAccessKeyLastUsedCommand, useIam } from "@/aws/iam";
import { path, useParam } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";

/** An access key that was pasted somewhere leads to the user whose it is. */
export function Component() {
  const m = useMessages(messages);
  const key = useParam("key");
  const iam = useIam();
  const { session } = useSession();
  const owner = useRead(["iam", "access-key", key], () =>
    iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key })),
  );
  return (
    <ContentLayout header={<Header variant="h1">{key}</Header>}>
      <PanelState reading={owner}>
        {({ UserName }) =>
          UserName ? (
            <Navigate replace to={`/~${session.id}${path`/iam/users/${UserName}`}?tab=security`} />
          ) : (
            <Alert type="warning">{m("keyOwnerless", { key })}</Alert>
          )
        }
      </PanelState>
    </ContentLayout>
  );
}
