import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Header from "@cloudscape-design/components/header";
import { useState } from "react";
import { useWrite } from "@/aws";
import { UpdateSAMLProviderCommand, useIam } from "@/aws/iam";
import { ArnLink } from "@/components/arn-link";
import { FormDialog } from "@/components/credentials/dialog";
import { KeyValue } from "@/components/key-value";
import { PanelState } from "@/components/panel-state";
import { Snippet, ViewAs } from "@/components/snippet";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/providers";
import { readMetadata } from "./fields";
import { Ends, MetadataField } from "./metadata";
import { providerKey, useSaml } from "./reading";

export function Saml({ arn }: { arn: string }) {
  const m = useMessages(messages);
  const provider = useSaml(arn);
  const [replacing, setReplacing] = useState(false);
  return (
    <Container
      header={
        <Header variant="h2" actions={<Button onClick={() => setReplacing(true)}>{m("metadataReplace")}</Button>}>
          {m("samlTitle")}
        </Header>
      }
    >
      <PanelState reading={provider} lines={4}>
        {(p) => {
          const metadata = readMetadata(p.SAMLMetadataDocument ?? "");
          return (
            <SpaceBetween size="m">
              <KeyValue
                pairs={[
                  { label: m("entity"), value: metadata?.entity },
                  { label: m("certificates"), value: <Ends ends={metadata?.ends ?? []} /> },
                  { label: m("validUntil"), value: <Time value={p.ValidUntil} date /> },
                  { label: m("arn"), value: <ArnLink arn={arn} copy /> },
                  { label: m("created"), value: <Time value={p.CreateDate} /> },
                  {
                    label: m("encryption"),
                    value: p.AssertionEncryptionMode && m(`encryption_${p.AssertionEncryptionMode}`),
                  },
                  { label: m("privateKeys"), value: (p.PrivateKeyList ?? []).map((k) => k.KeyId).join(", ") },
                ]}
              />
              <ExpandableSection headerText={m("metadataShow")}>
                <Snippet text={p.SAMLMetadataDocument ?? ""} name={m("metadata")} />
              </ExpandableSection>
            </SpaceBetween>
          );
        }}
      </PanelState>
      {replacing && <Replace arn={arn} onClose={() => setReplacing(false)} />}
    </Container>
  );
}

function Replace({ arn, onClose }: { arn: string; onClose: () => void }) {
  const m = useMessages(messages);
  const iam = useIam();
  const [text, setText] = useState("");
  const [tried, setTried] = useState(false);
  const save = useWrite(
    (SAMLMetadataDocument: string) =>
      iam.send(new UpdateSAMLProviderCommand({ SAMLProviderArn: arn, SAMLMetadataDocument })),
    {
      invalidates: [providerKey(arn), ["iam", "providers"]],
      done: () => m("metadataReplaced"),
      onDone: onClose,
    },
  );
  return (
    <FormDialog
      title={m("metadataReplace")}
      label={m("metadataReplace")}
      pending={save.pending}
      problem={save.problem}
      onSubmit={() => {
        setTried(true);
        if (text !== "" && readMetadata(text)) save.start(text);
      }}
      onClose={onClose}
    >
      <MetadataField text={text} onChange={setText} tried={tried} />
      <ViewAs
        calls={[
          {
            service: "iam",
            command: "update-saml-provider",
            options: { "saml-provider-arn": arn, "saml-metadata-document": "file://metadata.xml" },
          },
        ]}
      />
    </FormDialog>
  );
}
