import { useRead, useWrite } from "@/aws";
import { DeleteObjectTaggingCommand, GetObjectTaggingCommand, PutObjectTaggingCommand, useS3 } from "@/aws/s3";
import type { Tag } from "@/components/tag-editor";
import { TagsPanel } from "@/components/tags-panel";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { nameOf } from "./keys";
import { tagSetCall } from "./tag-set";

/** The most that an object has. */
const most = 10;

export function ObjectTags({ bucket, objectKey }: { bucket: string; objectKey: string }) {
  const m = useMessages(messages);
  const s3 = useS3();
  const at = { Bucket: bucket, Key: objectKey };
  const key = ["s3", "bucket", bucket, "objects", "tags", objectKey];
  const tags = useRead(key, async () => {
    const { TagSet } = await s3.send(new GetObjectTaggingCommand(at));
    return (TagSet ?? []).map((t): Tag => ({ Key: t.Key ?? "", Value: t.Value ?? "" }));
  });
  const save = useWrite(
    async (next: Tag[]) => {
      if (next.length === 0) await s3.send(new DeleteObjectTaggingCommand(at));
      else await s3.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet: next } }));
    },
    { invalidates: [key], done: () => m("tagsSaved", { name: nameOf(objectKey) }) },
  );
  return (
    <TagsPanel
      title={m("tags")}
      tags={tags}
      save={save}
      limit={most}
      calls={(next) => [tagSetCall("object", { bucket, key: objectKey }, next)]}
    />
  );
}
