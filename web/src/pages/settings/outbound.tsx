import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useRead, useWrite } from "@/aws";
import {
  DisableOutboundWebIdentityFederationCommand,
  EnableOutboundWebIdentityFederationCommand,
  GetOutboundWebIdentityFederationInfoCommand,
  useIam,
} from "@/aws/iam";
import { CopyButton } from "@/components/copy-button";
import { DeleteThing } from "@/components/delete-thing";
import { ErrorPanel } from "@/components/error-panel";
import { KeyValue } from "@/components/key-value";
import { PanelState } from "@/components/panel-state";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/settings";

const key = ["iam", "outbound-federation"];

/** Whether the account issues tokens that others trust. Off is an answer, though IAM gives it as an error. */
export function Outbound() {
  const m = useMessages(messages);
  const iam = useIam();
  const [asking, setAsking] = useState(false);
  const info = useRead<string | null>(key, async () => {
    try {
      return (await iam.send(new GetOutboundWebIdentityFederationInfoCommand({}))).IssuerIdentifier ?? "";
    } catch (error) {
      if ((error as Error).name.startsWith("FeatureDisabled")) return null;
      throw error;
    }
  });
  const enable = useWrite<void, unknown>(() => iam.send(new EnableOutboundWebIdentityFederationCommand({})), {
    invalidates: [key],
    done: () => m("outboundEnabled"),
  });
  const on = info.data !== undefined && info.data !== null;
  const call = (act: "enable" | "disable") => ({
    service: "iam",
    command: `${act}-outbound-web-identity-federation`,
    options: {},
  });
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={m("outboundText")}
          actions={
            on ? (
              <Button onClick={() => setAsking(true)}>{m("outboundDisable")}</Button>
            ) : (
              <Button loading={enable.pending} onClick={() => enable.start()}>
                {m("outboundEnable")}
              </Button>
            )
          }
        >
          {m("outboundTitle")}
        </Header>
      }
    >
      <SpaceBetween size="s">
        {enable.problem && <ErrorPanel problem={enable.problem} />}
        <PanelState reading={info} lines={1}>
          {(issuer) =>
            issuer === null ? (
              <SpaceBetween size="s">
                <StatusIndicator type="stopped">{m("outboundOff")}</StatusIndicator>
                <ViewAs calls={[call("enable")]} />
              </SpaceBetween>
            ) : (
              <KeyValue
                columns={2}
                pairs={[
                  {
                    label: m("outboundTitle"),
                    value: <StatusIndicator type="success">{m("outboundOn")}</StatusIndicator>,
                  },
                  { label: m("outboundIssuer"), value: <CopyButton text={issuer} name={m("outboundIssuer")} shown /> },
                ]}
              />
            )
          }
        </PanelState>
      </SpaceBetween>
      {asking && (
        <DeleteThing
          name={m("outboundName")}
          title={m("outboundDisableTitle")}
          label={m("outboundDisable")}
          warning={m("outboundDisableText")}
          steps={[
            {
              text: m("outboundDisable"),
              run: () => iam.send(new DisableOutboundWebIdentityFederationCommand({})),
              call: call("disable"),
            },
          ]}
          done={m("outboundDisabled")}
          invalidates={key}
          onClose={() => setAsking(false)}
        />
      )}
    </Container>
  );
}
