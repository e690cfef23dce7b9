import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useDeferredValue, useMemo } from "react";
import { path, useParam } from "@/components/links";
import { rolesNamed } from "@/components/other-side";
import { OtherSide } from "@/components/other-side-panel";
import { InlinePolicyPage } from "@/components/permissions/inline-policy-page";
import { useMessages } from "@/messages";
import messages from "@/messages/en/groups";
import { useAssumeRoleTemplate } from "@/policy/templates";

/** Writes an inline policy of a group. What of it lets members assume roles is looked at from the other side, too. */
export function Component() {
  const name = useParam("name");
  const assume = useAssumeRoleTemplate();
  return (
    <InlinePolicyPage
      entity={{ kind: "group", name }}
      back={path`/iam/groups/${name}` + "?tab=permissions"}
      templates={[assume]}
    >
      {(document) => <Roles document={document} />}
    </InlinePolicyPage>
  );
}

function Roles({ document }: { document: string }) {
  const m = useMessages(messages);
  const settled = useDeferredValue(document);
  const named = useMemo(() => rolesNamed(settled), [settled]);
  if (named.length === 0) return null;
  return (
    <Container
      header={
        <Header variant="h2" description={m("otherBeforeText")}>
          {m("otherBefore")}
        </Header>
      }
    >
      <OtherSide roles={named} />
    </Container>
  );
}
