import { readAll, useRead, useWrite } from "@/aws";
import { ListUserTagsCommand, TagUserCommand, UntagUserCommand, useIam } from "@/aws/iam";
import { tagCalls, tagChanges, type Tag } from "@/components/tag-editor";
import { TagsPanel } from "@/components/tags-panel";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";

export function Tags({ user }: { user: string }) {
  const m = useMessages(messages);
  const iam = useIam();
  const tags = useRead(["iam", "user", user, "tags"], () =>
    readAll(async (Marker) => {
      const page = await iam.send(new ListUserTagsCommand({ UserName: user, Marker }));
      return {
        items: (page.Tags ?? []).map((t): Tag => ({ Key: t.Key ?? "", Value: t.Value ?? "" })),
        next: page.Marker,
      };
    }),
  );
  const save = useWrite(
    async (next: Tag[]) => {
      const { set, remove } = tagChanges(tags.data ?? [], next);
      if (remove.length > 0) await iam.send(new UntagUserCommand({ UserName: user, TagKeys: remove }));
      if (set.length > 0) await iam.send(new TagUserCommand({ UserName: user, Tags: set }));
    },
    { invalidates: [["iam", "user", user, "tags"]], done: () => m("tagsSaved", { name: user }) },
  );
  return (
    <TagsPanel
      title={m("tagsTitle")}
      tags={tags}
      save={save}
      calls={(next) => tagCalls("iam", "user", { "user-name": user }, tags.data ?? [], next)}
    />
  );
}
