/** Step 1: who may assume the role. The document beside the form follows it. */
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";
import { useSession } from "@/aws";
import { TokenInput } from "@/components/token-input";
import { TrustWords } from "@/components/trust-words";
import { useMessages } from "@/messages";
import messages from "@/messages/en/create-role";
import { PolicyEditor } from "@/policy/editor";
import { PolicyView } from "@/policy/view";
import { AccountForm } from "./account-form";
import { trustKinds, type Draft, type TrustKind } from "./draft";
import { SamlForm, WebForm } from "./provider-forms";
import { commonServices, isServiceName } from "./services";
import { trustDocument, trustFaults } from "./trust-document";

interface Props {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
  tried: boolean;
}

export function TrustStep({ draft, onChange, tried }: Props) {
  const m = useMessages(messages);
  const { session } = useSession();
  const text = trustDocument(draft, session.accountId);
  const choose = (kind: TrustKind) =>
    // What the form said is what one goes on from in the editor.
    onChange(kind === "custom" && draft.custom === "" ? { kind, custom: text } : { kind });
  return (
    <SpaceBetween size="l">
      <Container>
        <FormField label={m("kind")} stretch>
          <Tiles
            value={draft.kind}
            columns={3}
            items={trustKinds.map((kind) => ({
              value: kind,
              label: m(`kind_${kind}`),
              description: m(`kind_${kind}_text`),
            }))}
            onChange={({ detail }) => choose(detail.value as TrustKind)}
          />
        </FormField>
      </Container>
      {draft.kind === "custom" ? (
        <Container header={<Header variant="h2">{m("document")}</Header>}>
          <FormField
            stretch
            errorText={tried && trustFaults(draft, session.accountId).length > 0 ? m("customBad") : undefined}
          >
            <PolicyEditor
              value={draft.custom}
              onChange={(custom) => onChange({ custom })}
              kind="trust"
              initialView="json"
            />
          </FormField>
        </Container>
      ) : (
        <Grid gridDefinition={[{ colspan: { default: 12, xs: 7 } }, { colspan: { default: 12, xs: 5 } }]}>
          <Container header={<Header variant="h2">{m(`kind_${draft.kind}`)}</Header>}>
            <Form draft={draft} onChange={onChange} tried={tried} />
          </Container>
          <Container
            header={
              <Header variant="h2" description={m("documentText")}>
                {m("document")}
              </Header>
            }
          >
            <SpaceBetween size="s">
              <TrustWords document={text} />
              <PolicyView text={text} label={m("document")} />
            </SpaceBetween>
          </Container>
        </Grid>
      )}
    </SpaceBetween>
  );
}

function Form({ draft, onChange, tried }: Props) {
  const m = useMessages(messages);
  switch (draft.kind) {
    case "account":
      return (
        <AccountForm
          trust={draft.account}
          onChange={(part) => onChange({ account: { ...draft.account, ...part } })}
          tried={tried}
        />
      );
    case "service":
      return (
        <TokenInput
          label={m("services")}
          description={m("servicesText")}
          values={draft.services}
          onChange={(services) => onChange({ services })}
          options={commonServices.map(([value, description]) => ({ value, description }))}
          check={(name) => (isServiceName(name) ? undefined : m("servicesBad"))}
          missing={tried && draft.services.length === 0 ? m("servicesMissing") : undefined}
          placeholder={m("servicesPlaceholder")}
          texts={{
            add: m("namesAdd"),
            use: (text) => m("servicesUse", { text }),
            remove: (name) => m("namesRemove", { name }),
            chosen: m("servicesChosen"),
          }}
        />
      );
    case "web":
      return (
        <WebForm trust={draft.web} onChange={(part) => onChange({ web: { ...draft.web, ...part } })} tried={tried} />
      );
    case "saml":
      return (
        <SamlForm
          trust={draft.saml}
          onChange={(part) => onChange({ saml: { ...draft.saml, ...part } })}
          tried={tried}
        />
      );
    case "custom":
      return null;
  }
}
