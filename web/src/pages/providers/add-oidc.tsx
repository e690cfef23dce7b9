import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { useWrite } from "@/aws";
import { CreateOpenIDConnectProviderCommand, useIam } from "@/aws/iam";
import { FormDialog } from "@/components/credentials/dialog";
import { path, useGo } from "@/components/links";
import { ViewAs } from "@/components/snippet";
import { TagEditor, tagsAreValid, tagWord, type Tag } from "@/components/tag-editor";
import { useMessages } from "@/messages";
import messages from "@/messages/en/providers";
import { areThumbprints, isIssuer, linesOf, thumbprintsIn } from "./fields";

export function AddOidc({ onClose }: { onClose: () => void }) {
  const m = useMessages(messages);
  const iam = useIam();
  const go = useGo();
  const [url, setUrl] = useState("");
  const [audiences, setAudiences] = useState("sts.amazonaws.com");
  const [thumbprints, setThumbprints] = useState("");
  const [tags, setTags] = useState<Tag[]>([]);
  const [tried, setTried] = useState(false);
  const clients = linesOf(audiences);
  const prints = thumbprintsIn(thumbprints);
  const add = useWrite<void, { OpenIDConnectProviderArn?: string }>(
    () =>
      iam.send(
        new CreateOpenIDConnectProviderCommand({
          Url: url,
          ClientIDList: clients,
          ThumbprintList: prints.length > 0 ? prints : undefined,
          Tags: tags.length > 0 ? tags : undefined,
        }),
      ),
    {
      invalidates: [["iam", "providers"]],
      done: () => m("added"),
      onDone: (made) => go(path`/iam/providers/${made.OpenIDConnectProviderArn ?? ""}`),
    },
  );
  return (
    <FormDialog
      title={m("oidcAdd")}
      label={m("oidcAdd")}
      size="large"
      pending={add.pending}
      problem={add.problem}
      onSubmit={() => {
        setTried(true);
        if (isIssuer(url) && clients.length > 0 && areThumbprints(prints) && tagsAreValid(tags)) add.start();
      }}
      onClose={onClose}
    >
      <FormField
        label={m("url")}
        description={m("urlText")}
        errorText={tried && !isIssuer(url) ? m("urlWrong") : undefined}
      >
        <Input
          value={url}
          type="url"
          inputMode="url"
          spellcheck={false}
          placeholder="https://token.actions.githubusercontent.com"
          onChange={({ detail }) => setUrl(detail.value.trim())}
        />
      </FormField>
      <FormField
        label={m("audiencesField")}
        description={m("audiencesText")}
        errorText={tried && clients.length === 0 ? m("audiencesMissing") : undefined}
      >
        <Textarea value={audiences} rows={2} spellcheck={false} onChange={({ detail }) => setAudiences(detail.value)} />
      </FormField>
      <FormField
        label={m("thumbprintsField")}
        description={m("thumbprintsText")}
        constraintText={m("thumbprintsHelp")}
        errorText={areThumbprints(prints) ? undefined : m("thumbprintsWrong")}
      >
        <Textarea
          value={thumbprints}
          rows={2}
          spellcheck={false}
          onChange={({ detail }) => setThumbprints(detail.value)}
        />
      </FormField>
      <FormField label={m("tagsTitle")} stretch>
        <TagEditor tags={tags} onChange={setTags} />
      </FormField>
      <ViewAs
        calls={[
          {
            service: "iam",
            command: "create-open-id-connect-provider",
            options: {
              url,
              "client-id-list": clients,
              "thumbprint-list": prints.length > 0 ? prints : undefined,
              tags: tags.length > 0 ? tags.map(tagWord) : undefined,
            },
          },
        ]}
      />
    </FormDialog>
  );
}
