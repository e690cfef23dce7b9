/** Step 4: the role is there. How it is used, and what the other account still needs. */
import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { path, useTo } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { documentText, readTrust, trustNeeds } from "@/components/trust";
import { useMessages } from "@/messages";
import messages from "@/messages/en/create-role";
import { useRole } from "./data";
import { OtherHalf } from "./other-half";
import { WaysIn } from "./use-it";

export function Done({ name }: { name: string }) {
  const m = useMessages(messages);
  const to = useTo();
  const role = useRole(name);
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={m("doneText")}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button href={to("/iam/roles/create")}>{m("doneAnother")}</Button>
              <Button variant="primary" href={to(path`/iam/roles/${name}`)}>
                {m("doneRole")}
              </Button>
            </SpaceBetween>
          }
        >
          <span className="break">{m("doneTitle", { name })}</span>
        </Header>
      }
    >
      <PanelState reading={role} lines={8}>
        {(r) => {
          const trust = documentText(r.AssumeRolePolicyDocument);
          return (
            <SpaceBetween size="l">
              <OtherHalf arn={r.Arn ?? ""} needs={trustNeeds(readTrust(trust))} />
              <WaysIn arn={r.Arn ?? ""} path={r.Path ?? "/"} name={name} trust={trust} />
            </SpaceBetween>
          );
        }}
      </PanelState>
    </ContentLayout>
  );
}
