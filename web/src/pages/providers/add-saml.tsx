import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { useWrite } from "@/aws";
import { CreateSAMLProviderCommand, useIam } from "@/aws/iam";
import { FormDialog } from "@/components/credentials/dialog";
import { path, useGo } from "@/components/links";
import { ViewAs } from "@/components/snippet";
import { TagEditor, tagsAreValid, tagWord, type Tag } from "@/components/tag-editor";
import { useMessages } from "@/messages";
import messages from "@/messages/en/providers";
import { isSamlName, readMetadata } from "./fields";
import { MetadataField } from "./metadata";

export function AddSaml({ onClose }: { onClose: () => void }) {
  const m = useMessages(messages);
  const iam = useIam();
  const go = useGo();
  const [name, setName] = useState("");
  const [metadata, setMetadata] = useState("");
  const [tags, setTags] = useState<Tag[]>([]);
  const [tried, setTried] = useState(false);
  const add = useWrite<void, { SAMLProviderArn?: string }>(
    () =>
      iam.send(
        new CreateSAMLProviderCommand({
          Name: name,
          SAMLMetadataDocument: metadata,
          Tags: tags.length > 0 ? tags : undefined,
        }),
      ),
    {
      invalidates: [["iam", "providers"]],
      done: () => m("added"),
      onDone: (made) => go(path`/iam/providers/${made.SAMLProviderArn ?? ""}`),
    },
  );
  return (
    <FormDialog
      title={m("samlAdd")}
      label={m("samlAdd")}
      size="large"
      pending={add.pending}
      problem={add.problem}
      onSubmit={() => {
        setTried(true);
        if (isSamlName(name) && metadata !== "" && readMetadata(metadata) && tagsAreValid(tags)) add.start();
      }}
      onClose={onClose}
    >
      <FormField
        label={m("samlName")}
        constraintText={m("samlNameHelp")}
        errorText={tried && !isSamlName(name) ? m("samlNameWrong") : undefined}
      >
        <Input value={name} spellcheck={false} autoComplete={false} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <MetadataField text={metadata} onChange={setMetadata} tried={tried} />
      <FormField label={m("tagsTitle")} stretch>
        <TagEditor tags={tags} onChange={setTags} />
      </FormField>
      <ViewAs
        calls={[
          {
            service: "iam",
            command: "create-saml-provider",
            options: {
              name,
              "saml-metadata-document": "file://metadata.xml",
              tags: tags.length > 0 ? tags.map(tagWord) : undefined,
            },
          },
        ]}
      />
    </FormDialog>
  );
}
