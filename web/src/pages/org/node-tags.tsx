import { useRead, useWrite, readAll } from "@/aws";
import {
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  useOrganizations,
} from "@/aws/organizations";
import { TagsPanel } from "@/components/tags-panel";
import { tagCalls, tagChanges, type Tag } from "@/components/tag-editor";
import { useMessages } from "@/messages";
import messages from "@/messages/en/org";

/** The tags of a root, unit, account or policy. */
export function NodeTags({ id, name }: { id: string; name: string }) {
  const m = useMessages(messages);
  const organizations = useOrganizations();
  const tags = useRead(["organizations", "tags", id], () =>
    readAll(async (NextToken?: string) => {
      const page = await organizations.send(new ListTagsForResourceCommand({ ResourceId: id, NextToken }));
      const items: Tag[] = (page.Tags ?? []).map((t) => ({ Key: t.Key ?? "", Value: t.Value ?? "" }));
      return { items, next: page.NextToken };
    }),
  );
  const save = useWrite(
    async (next: Tag[]) => {
      const { set, remove } = tagChanges(tags.data ?? [], next);
      if (remove.length > 0) await organizations.send(new UntagResourceCommand({ ResourceId: id, TagKeys: remove }));
      if (set.length > 0) await organizations.send(new TagResourceCommand({ ResourceId: id, Tags: set }));
    },
    { invalidates: [["organizations", "tags", id]], done: () => m("tagsSaved", { name }) },
  );
  return (
    <TagsPanel
      title={m("tags")}
      tags={tags}
      save={save}
      calls={(next) => tagCalls("organizations", "resource", { "resource-id": id }, tags.data ?? [], next)}
    />
  );
}
