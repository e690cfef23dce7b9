import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRead, useWrite } from "@/aws";
import { GetAccountSummaryCommand, SetSecurityTokenServicePreferencesCommand, useIam } from "@/aws/iam";
import { ErrorPanel } from "@/components/error-panel";
import { PanelState } from "@/components/panel-state";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/settings";

const key = ["iam", "account-summary"];

/** Which tokens the global endpoint of STS makes. */
export function Tokens() {
  const m = useMessages(messages);
  const iam = useIam();
  const summary = useRead(key, async () => (await iam.send(new GetAccountSummaryCommand({}))).SummaryMap ?? {});
  const save = useWrite(
    (version: 1 | 2) =>
      iam.send(
        new SetSecurityTokenServicePreferencesCommand({
          GlobalEndpointTokenVersion: version === 1 ? "v1Token" : "v2Token",
        }),
      ),
    { invalidates: [key], done: (_, version) => m("stsSaved", { version }) },
  );
  return (
    <Container
      header={
        <Header variant="h2" description={m("stsText")}>
          {m("stsTitle")}
        </Header>
      }
    >
      <PanelState reading={summary} lines={2}>
        {(map) => {
          const version = map.GlobalEndpointTokenVersion === 1 ? 1 : 2;
          const other = version === 1 ? "v2Token" : "v1Token";
          return (
            <SpaceBetween size="s">
              {save.problem && <ErrorPanel problem={save.problem} />}
              <FormField label={m("sts")} stretch>
                <RadioGroup
                  value={String(version)}
                  readOnly={save.pending}
                  onChange={({ detail }) => save.start(detail.value === "1" ? 1 : 2)}
                  items={[
                    { value: "2", label: m("sts2"), description: m("sts2Text") },
                    { value: "1", label: m("sts1"), description: m("sts1Text") },
                  ]}
                />
              </FormField>
              <ViewAs
                calls={[
                  {
                    service: "iam",
                    command: "set-security-token-service-preferences",
                    options: { "global-endpoint-token-version": other },
                  },
                ]}
              />
            </SpaceBetween>
          );
        }}
      </PanelState>
    </Container>
  );
}
