/** Things that belong to another, users of a group, policies of a role: seen, added and removed, many at a time. */
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { QueryKey } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useWrite } from "@/aws";
import { Ask } from "./ask";
import type { Step } from "./confirm-delete";
import { DeleteThing } from "./delete-thing";
import { ResourceTable, type ResourceTableProps } from "./resource-table";

interface Words {
  add: string;
  addTitle: string;
  /** What the button says that adds so many. */
  addLabel: (count: number) => string;
  added: (count: number) => string;
  remove: string;
  removeTitle: (count: number) => string;
  /** What will break. */
  removeText: ReactNode;
  removed: (count: number) => string;
}

interface Props<T> extends Omit<ResourceTableProps<T>, "actions" | "selection"> {
  /** What they belong to: it is typed before any is removed. */
  of: string;
  words: Words;
  /** Returns what adds one that was chosen. */
  add: (id: string) => Pick<Step, "run" | "call">;
  /** Returns what removes one; none of what cannot be removed here. */
  remove: (item: T) => Step | undefined;
  picker: (chosen: string[], onChange: (chosen: string[]) => void) => ReactNode;
  /** What is read anew after a change. */
  invalidates: QueryKey;
  size?: "large" | "max";
  /** Nobody here may change it. */
  fixed?: boolean;
}

export function AddRemoveTable<T>(props: Props<T>) {
  const { of, words, add, remove, picker, invalidates, size, fixed = false, ...table } = props;
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Step[]>([]);
  const steps = (selected: T[]) => selected.flatMap((item) => remove(item) ?? []);
  return (
    <>
      <ResourceTable<T>
        {...table}
        selection={fixed ? undefined : "multi"}
        actions={
          fixed
            ? undefined
            : (selected) => (
                <SpaceBetween direction="horizontal" size="xs">
                  <Button disabled={steps(selected).length === 0} onClick={() => setRemoving(steps(selected))}>
                    {words.remove}
                  </Button>
                  <Button onClick={() => setAdding(true)}>{words.add}</Button>
                </SpaceBetween>
              )
        }
      />
      {adding && <Add {...{ words, add, picker, invalidates, size }} onClose={() => setAdding(false)} />}
      {removing.length > 0 && (
        <DeleteThing
          name={of}
          title={words.removeTitle(removing.length)}
          label={words.remove}
          warning={words.removeText}
          steps={removing}
          done={words.removed(removing.length)}
          invalidates={invalidates}
          onClose={() => setRemoving([])}
        />
      )}
    </>
  );
}

type AddProps = Pick<Props<unknown>, "words" | "add" | "picker" | "invalidates" | "size"> & { onClose: () => void };

/** Adds what is chosen, one call each; it stops at the first that fails, and what was added stays. */
function Add({ words, add, picker, invalidates, size, onClose }: AddProps) {
  const [chosen, setChosen] = useState<string[]>([]);
  const write = useWrite(
    async (ids: string[]) => {
      for (const id of ids) {
        await add(id).run();
        setChosen((old) => old.filter((other) => other !== id));
      }
      return ids.length;
    },
    { invalidates: [invalidates], done: words.added, onDone: onClose },
  );
  return (
    <Ask
      title={words.addTitle}
      label={words.addLabel(chosen.length)}
      calls={chosen.flatMap((id) => add(id).call ?? [])}
      pending={write.pending}
      problem={write.problem}
      disabled={chosen.length === 0}
      size={size}
      onConfirm={() => write.start(chosen)}
      onClose={onClose}
    >
      {picker(chosen, setChosen)}
    </Ask>
  );
}
