import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Input from "@cloudscape-design/components/input";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import type { ApiCall } from "./snippet";

export interface Tag {
  Key: string;
  Value: string;
}

type TagError = "tagKeyMissing" | "tagKeyTwice" | "tagKeyReserved" | "tagKeyLong";

/** What is wrong with a tag's key among others; the server says what else is. */
export function tagKeyError(tags: Tag[], index: number): TagError | undefined {
  const key = tags[index]?.Key ?? "";
  if (key === "") return "tagKeyMissing";
  if (/^aws:/i.test(key)) return "tagKeyReserved";
  if (key.length > 128) return "tagKeyLong";
  // IAM folds case: Team and team are one key.
  if (tags.some((tag, i) => i < index && tag.Key.toLowerCase() === key.toLowerCase())) return "tagKeyTwice";
  return undefined;
}

export function tagsAreValid(tags: Tag[]): boolean {
  return tags.every((tag, i) => tagKeyError(tags, i) === undefined && tag.Value.length <= 256);
}

/** What takes one set of tags to another: the arguments of TagX and UntagX. */
export function tagChanges(before: Tag[], after: Tag[]): { set: Tag[]; remove: string[] } {
  const old = new Map(before.map((t) => [t.Key, t.Value]));
  const kept = new Set(after.map((t) => t.Key));
  return {
    set: after.filter((t) => old.get(t.Key) !== t.Value),
    remove: before.filter((t) => !kept.has(t.Key)).map((t) => t.Key),
  };
}

/** A tag as the command line takes it. */
export const tagWord = ({ Key, Value }: Tag) => `Key=${Key},Value=${Value}`;

/** The calls of tagChanges: tag-user and untag-user of a "user", with the option that says whose tags they are. */
export function tagCalls(
  service: string,
  thing: string,
  whose: ApiCall["options"],
  before: Tag[],
  after: Tag[],
): ApiCall[] {
  const { set, remove } = tagChanges(before, after);
  const calls: ApiCall[] = [];
  if (remove.length > 0) calls.push({ service, command: `untag-${thing}`, options: { ...whose, "tag-keys": remove } });
  if (set.length > 0) calls.push({ service, command: `tag-${thing}`, options: { ...whose, tags: set.map(tagWord) } });
  return calls;
}

interface Props {
  tags: Tag[];
  onChange: (tags: Tag[]) => void;
  limit?: number;
}

/** Tags in lines that are added, changed and removed. */
export function TagEditor({ tags, onChange, limit = 50 }: Props) {
  const m = useMessages(common);
  const change = (index: number, part: Partial<Tag>) =>
    onChange(tags.map((tag, i) => (i === index ? { ...tag, ...part } : tag)));
  return (
    <AttributeEditor
      items={tags}
      addButtonText={m("tagAdd")}
      removeButtonText={m("remove")}
      removeButtonAriaLabel={(tag) => m("tagRemove", { key: tag.Key })}
      disableAddButton={tags.length >= limit}
      additionalInfo={m("tagsLeft", { count: limit - tags.length })}
      empty={m("tagsEmpty")}
      onAddButtonClick={() => onChange([...tags, { Key: "", Value: "" }])}
      onRemoveButtonClick={({ detail }) => onChange(tags.filter((_, i) => i !== detail.itemIndex))}
      definition={[
        {
          label: m("tagKey"),
          control: (tag, i) => <Input value={tag.Key} onChange={({ detail }) => change(i, { Key: detail.value })} />,
          errorText: (tag, i) => {
            const wrong = tag.Key === "" ? undefined : tagKeyError(tags, i);
            return wrong && m(wrong);
          },
        },
        {
          label: m("tagValueOptional"),
          control: (tag, i) => (
            <Input value={tag.Value} onChange={({ detail }) => change(i, { Value: detail.value })} />
          ),
          errorText: (tag) => (tag.Value.length > 256 ? m("tagValueLong") : undefined),
        },
      ]}
    />
  );
}
