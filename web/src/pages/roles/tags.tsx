import { readAll, useRead, useWrite } from "@/aws";
import { ListRoleTagsCommand, TagRoleCommand, UntagRoleCommand, useIam } from "@/aws/iam";
import { tagCalls, tagChanges, type Tag } from "@/components/tag-editor";
import { TagsPanel } from "@/components/tags-panel";
import { useMessages } from "@/messages";
import messages from "@/messages/en/roles";

export function Tags({ role }: { role: string }) {
  const m = useMessages(messages);
  const iam = useIam();
  const tags = useRead(["iam", "role", role, "tags"], () =>
    readAll(async (Marker) => {
      const page = await iam.send(new ListRoleTagsCommand({ RoleName: role, Marker }));
      return {
        items: (page.Tags ?? []).map((t): Tag => ({ Key: t.Key ?? "", Value: t.Value ?? "" })),
        next: page.Marker,
      };
    }),
  );
  const save = useWrite(
    async (next: Tag[]) => {
      const { set, remove } = tagChanges(tags.data ?? [], next);
      if (remove.length > 0) await iam.send(new UntagRoleCommand({ RoleName: role, TagKeys: remove }));
      if (set.length > 0) await iam.send(new TagRoleCommand({ RoleName: role, Tags: set }));
    },
    { invalidates: [["iam", "role", role, "tags"]], done: () => m("tagsSaved", { name: role }) },
  );
  return (
    <TagsPanel
      title={m("tabTags")}
      tags={tags}
      save={save}
      calls={(next) => tagCalls("iam", "role", { "role-name": role }, tags.data ?? [], next)}
    />
  );
}
