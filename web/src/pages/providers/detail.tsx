import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { readAll, useRead, useWrite } from "@/aws";
import {
  ListOpenIDConnectProviderTagsCommand,
  ListSAMLProviderTagsCommand,
  TagOpenIDConnectProviderCommand,
  TagSAMLProviderCommand,
  UntagOpenIDConnectProviderCommand,
  UntagSAMLProviderCommand,
  useIam,
  type IAMClient,
} from "@/aws/iam";
import { useGo, useParam } from "@/components/links";
import { tagCalls, tagChanges, type Tag } from "@/components/tag-editor";
import { TagsPanel } from "@/components/tags-panel";
import { useMessages } from "@/messages";
import messages from "@/messages/en/providers";
import { DeleteProvider } from "./delete-provider";
import { Oidc } from "./oidc";
import { kindOf, providerKey, providerName } from "./reading";
import { Saml } from "./saml";

export function Component() {
  const arn = useParam("arn");
  const m = useMessages(messages);
  const go = useGo();
  const [deleting, setDeleting] = useState(false);
  return (
    <ContentLayout
      header={
        <Header variant="h1" actions={<Button onClick={() => setDeleting(true)}>{m("delete")}</Button>}>
          <span className="break">{providerName(arn)}</span>
        </Header>
      }
    >
      <SpaceBetween size="l">
        {kindOf(arn) === "oidc" ? <Oidc arn={arn} /> : <Saml arn={arn} />}
        <Tags arn={arn} />
      </SpaceBetween>
      {deleting && (
        <DeleteProvider
          arn={arn}
          onClose={() => setDeleting(false)}
          onDeleted={() => go("/iam/providers", { replace: true })}
        />
      )}
    </ContentLayout>
  );
}

async function listTags(iam: IAMClient, arn: string, Marker: string | undefined) {
  if (kindOf(arn) === "oidc") {
    return iam.send(new ListOpenIDConnectProviderTagsCommand({ OpenIDConnectProviderArn: arn, Marker }));
  }
  return iam.send(new ListSAMLProviderTagsCommand({ SAMLProviderArn: arn, Marker }));
}

async function changeTags(iam: IAMClient, arn: string, set: Tag[], remove: string[]) {
  if (kindOf(arn) === "oidc") {
    const of = { OpenIDConnectProviderArn: arn };
    if (remove.length > 0) await iam.send(new UntagOpenIDConnectProviderCommand({ ...of, TagKeys: remove }));
    if (set.length > 0) await iam.send(new TagOpenIDConnectProviderCommand({ ...of, Tags: set }));
    return;
  }
  const of = { SAMLProviderArn: arn };
  if (remove.length > 0) await iam.send(new UntagSAMLProviderCommand({ ...of, TagKeys: remove }));
  if (set.length > 0) await iam.send(new TagSAMLProviderCommand({ ...of, Tags: set }));
}

function tagCallsOf(arn: string, before: Tag[], after: Tag[]) {
  return kindOf(arn) === "oidc"
    ? tagCalls("iam", "open-id-connect-provider", { "open-id-connect-provider-arn": arn }, before, after)
    : tagCalls("iam", "saml-provider", { "saml-provider-arn": arn }, before, after);
}

function Tags({ arn }: { arn: string }) {
  const m = useMessages(messages);
  const iam = useIam();
  const key = [...providerKey(arn), "tags"];
  const tags = useRead(key, () =>
    readAll(async (Marker) => {
      const page = await listTags(iam, arn, Marker);
      return {
        items: (page.Tags ?? []).map((t): Tag => ({ Key: t.Key ?? "", Value: t.Value ?? "" })),
        next: page.Marker,
      };
    }),
  );
  const save = useWrite(
    async (next: Tag[]) => {
      const { set, remove } = tagChanges(tags.data ?? [], next);
      await changeTags(iam, arn, set, remove);
    },
    { invalidates: [key], done: () => m("tagsSaved") },
  );
  return (
    <TagsPanel
      title={m("tagsTitle")}
      tags={tags}
      save={save}
      calls={(next) => tagCallsOf(arn, tags.data ?? [], next)}
    />
  );
}
