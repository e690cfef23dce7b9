import { readAll, useRead, useWrite } from "@/aws";
import { ListPolicyTagsCommand, TagPolicyCommand, UntagPolicyCommand, useIam } from "@/aws/iam";
import { arnName } from "@/components/arn";
import { tagCalls, tagChanges, type Tag } from "@/components/tag-editor";
import { TagsPanel } from "@/components/tags-panel";
import { useMessages } from "@/messages";
import messages from "@/messages/en/policies";

export function Tags({ arn }: { arn: string }) {
  const m = useMessages(messages);
  const iam = useIam();
  const tags = useRead(["iam", "policy", arn, "tags"], () =>
    readAll(async (Marker) => {
      const page = await iam.send(new ListPolicyTagsCommand({ PolicyArn: arn, Marker }));
      return {
        items: (page.Tags ?? []).map((t): Tag => ({ Key: t.Key ?? "", Value: t.Value ?? "" })),
        next: page.Marker,
      };
    }),
  );
  const save = useWrite(
    async (next: Tag[]) => {
      const { set, remove } = tagChanges(tags.data ?? [], next);
      if (remove.length > 0) await iam.send(new UntagPolicyCommand({ PolicyArn: arn, TagKeys: remove }));
      if (set.length > 0) await iam.send(new TagPolicyCommand({ PolicyArn: arn, Tags: set }));
    },
    { invalidates: [["iam", "policy", arn, "tags"]], done: () => m("tagsSaved", { name: arnName(arn) }) },
  );
  return (
    <TagsPanel
      title={m("tabTags")}
      tags={tags}
      save={save}
      calls={(next) => tagCalls("iam", "policy", { "policy-arn": arn }, tags.data ?? [], next)}
    />
  );
}
