/** Whom a role trusts: what its document says, and who gets in by it. */
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";
import type { Reading } from "@/aws";
import type { Role } from "@/aws/iam";
import { path, useTo } from "@/components/links";
import { PanelState } from "@/components/panel-state";
import { documentText, readTrust, trustNeeds } from "@/components/trust";
import { TrustWords } from "@/components/trust-words";
import { useMessages } from "@/messages";
import messages from "@/messages/en/roles";
import { FindingList, useLint } from "@/policy/editor";
import { formatted } from "@/components/permissions/formatted";
import { PolicyView } from "@/policy/view";
import { isServiceLinked } from "./data";
import { AccessPaths, TrustEdges } from "./edges";
import { OtherHalf } from "./other-half";

export function Trust({ name, role }: { name: string; role: Reading<Role> }) {
  const m = useMessages(messages);
  const to = useTo();
  const fixed = isServiceLinked(role.data?.Path ?? "/");
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description={m("trustText")}
            actions={!fixed && <Button href={to(path`/iam/roles/${name}/trust`)}>{m("trustEdit")}</Button>}
          >
            {m("trustTitle")}
          </Header>
        }
      >
        <PanelState reading={role} lines={6}>
          {(r) => <Document text={documentText(r.AssumeRolePolicyDocument)} />}
        </PanelState>
      </Container>
      <PanelState reading={role}>
        {(r) => (
          <SpaceBetween size="l">
            <TrustEdges arn={r.Arn ?? ""} />
            <AccessPaths arn={r.Arn ?? ""} />
            <OtherHalf arn={r.Arn ?? ""} needs={trustNeeds(readTrust(documentText(r.AssumeRolePolicyDocument)))} />
          </SpaceBetween>
        )}
      </PanelState>
    </SpaceBetween>
  );
}

function Document({ text: written }: { text: string }) {
  const m = useMessages(messages);
  const text = useMemo(() => formatted(written), [written]);
  const lint = useLint(text, "trust");
  return (
    <SpaceBetween size="m">
      <TrustWords document={text} />
      <PolicyView text={text} label={m("trustTitle")} />
      <FindingList text={text} lint={lint} />
    </SpaceBetween>
  );
}
