import type { ApiCall } from "@/components/snippet";
import type { Tag } from "@/components/tag-editor";

/** The call that writes the tags of a bucket or an object: S3 takes them as a whole, and none of them as a deletion. */
export function tagSetCall(thing: "bucket" | "object", whose: ApiCall["options"], tags: Tag[]): ApiCall {
  if (tags.length === 0) return { service: "s3api", command: `delete-${thing}-tagging`, options: whose };
  const TagSet = tags.map(({ Key, Value }) => ({ Key, Value }));
  return {
    service: "s3api",
    command: `put-${thing}-tagging`,
    options: { ...whose, tagging: JSON.stringify({ TagSet }) },
  };
}
