import Badge from "@cloudscape-design/components/badge";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Icon from "@cloudscape-design/components/icon";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useEffect, useRef, useState, type DragEvent } from "react";
import { useSearchParams } from "react-router";
import { problemOf, useNotices } from "@/aws";
import { useS3 } from "@/aws/s3";
import { Empty } from "@/components/empty";
import { useTo } from "@/components/links";
import { ResourceTable, type Column } from "@/components/resource-table";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/s3";
import { Bytes } from "./bytes";
import { CopyObjects } from "./copy-objects";
import { CreateFolder } from "./create-folder";
import { DeleteObjects } from "./delete-objects";
import { downloadObject } from "./download";
import { chosenFiles, droppedFiles, type Found } from "./dropped";
import { Folders } from "./folders";
import { folderPath, isOutsideUrl, objectPath } from "./keys";
import { useFolder, type Entry } from "./listing";
import { useUploads } from "./uploads";
import { useVersioning } from "./versioning";

type Open = { act: "folder" } | { act: "delete" | "copy"; entries: Entry[] };

/** The objects of a bucket below a prefix, as folders. */
export function Objects({ bucket, prefix }: { bucket: string; prefix: string }) {
  const m = useMessages(messages);
  const to = useTo();
  const s3 = useS3();
  const notices = useNotices();
  const [search] = useSearchParams();
  const starts = search.get("starts") ?? "";
  const deleted = search.get("deleted") !== null;
  const folder = useFolder({ bucket, prefix, starts, deleted });
  const [open, setOpen] = useState<Open>();
  const upload = useUpload(bucket, prefix);

  const columns: Column<Entry>[] = [
    {
      id: "name",
      header: m("name"),
      value: (e) => e.name,
      cell: (e) => (
        <>
          <Icon name={e.kind === "folder" ? "folder" : "file"} />{" "}
          <Link href={to(e.kind === "folder" ? folderPath(bucket, e.key) : objectPath(bucket, e.key))}>
            <span className="break">{e.name}</span>
          </Link>{" "}
          {isDeleted(e) && <Badge color="grey">{m("deleted")}</Badge>}
        </>
      ),
      minWidth: 220,
    },
    { id: "type", header: m("type"), value: (e) => (e.kind === "folder" ? m("folder") : extensionOf(e.name)) },
    {
      id: "modified",
      header: m("modified"),
      value: (e) => (e.kind === "object" ? e.modified : undefined),
      cell: (e) => (e.kind === "object" ? <Time value={e.modified} /> : m("dash")),
    },
    {
      id: "size",
      header: m("size"),
      value: (e) => (e.kind === "object" ? e.size : undefined),
      cell: (e) => (e.kind === "object" && !e.deleted ? <Bytes value={e.size} /> : m("dash")),
    },
    {
      id: "class",
      header: m("storageClass"),
      value: (e) => (e.kind === "object" ? e.storageClass : undefined),
      hidden: true,
    },
  ];

  const download = async (key: string) => {
    try {
      await downloadObject(s3, bucket, key);
    } catch (error) {
      notices.problem(problemOf(error));
    }
  };

  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the buttons do the same
    <div className={upload.over ? "s3-drop s3-drop-over" : "s3-drop"} {...upload.drop}>
      <SpaceBetween size="m">
        <div className="s3-where">
          {prefix !== "" && <Folders bucket={bucket} prefix={prefix} />}
          <div className="s3-starts">
            <StartsWith />
          </div>
          <ShowDeleted bucket={bucket} />
        </div>
        <ResourceTable<Entry>
          name="objects"
          title={m("objects")}
          description={m("objectsText")}
          list={folder}
          columns={columns}
          rowId={(e) => e.key}
          selection="multi"
          empty={
            <Empty
              title={m(starts ? "noneStarts" : "folderEmpty")}
              text={m(starts ? "noneStartsText" : "folderEmptyText", { starts })}
              cli={`aws s3 cp file.txt s3://${bucket}/${prefix}`}
            />
          }
          actions={(selected) => (
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                disabled={
                  selected.length !== 1 ||
                  selected[0]?.kind !== "object" ||
                  selected[0].deleted === true ||
                  isOutsideUrl(selected[0].key)
                }
                onClick={() => void download(selected[0]?.key ?? "")}
              >
                {m("download")}
              </Button>
              <Button
                disabled={selected.length === 0 || selected.some(isDeleted)}
                onClick={() => setOpen({ act: "copy", entries: selected })}
              >
                {m("copyOrMove")}
              </Button>
              <Button disabled={selected.length === 0} onClick={() => setOpen({ act: "delete", entries: selected })}>
                {m("delete")}
              </Button>
              <Button onClick={() => setOpen({ act: "folder" })}>{m("createFolder")}</Button>
              <ButtonDropdown
                variant="primary"
                mainAction={{ text: m("upload"), onClick: upload.chooseFiles }}
                items={[{ id: "folder", text: m("uploadFolder") }]}
                ariaLabel={m("uploadMore")}
                onItemClick={upload.chooseFolder}
              />
            </SpaceBetween>
          )}
        />
      </SpaceBetween>
      {upload.inputs}
      {open?.act === "folder" && <CreateFolder bucket={bucket} prefix={prefix} onClose={() => setOpen(undefined)} />}
      {open?.act === "copy" && (
        <CopyObjects bucket={bucket} entries={open.entries} onClose={() => setOpen(undefined)} />
      )}
      {open?.act === "delete" && (
        <DeleteObjects bucket={bucket} entries={open.entries} onClose={() => setOpen(undefined)} />
      )}
    </div>
  );
}

const isDeleted = (e: Entry) => e.kind === "object" && e.deleted === true;

function extensionOf(name: string): string {
  return /[^.]\.([^./]{1,12})$/.exec(name)?.[1]?.toLowerCase() ?? "";
}

/** How long somebody may think between two letters. */
const typing = 300;

/** Asks the server for what begins with a text, where the table's filter knows only what was read. */
function StartsWith() {
  const m = useMessages(messages);
  const [search, setSearch] = useSearchParams();
  const asked = search.get("starts") ?? "";
  const [text, setText] = useState(asked);
  useEffect(() => {
    if (text === asked) return undefined;
    const timer = setTimeout(() => {
      setSearch(
        (old) => {
          const next = new URLSearchParams(old);
          if (text === "") next.delete("starts");
          else next.set("starts", text);
          next.delete("page");
          next.delete("sel");
          return next;
        },
        { replace: true },
      );
    }, typing);
    return () => clearTimeout(timer);
  }, [text, asked, setSearch]);
  return (
    <Input
      type="search"
      value={text}
      ariaLabel={m("startsWith")}
      placeholder={m("startsWith")}
      clearAriaLabel={m("clear")}
      spellcheck={false}
      onChange={({ detail }) => setText(detail.value)}
    />
  );
}

/** In a bucket that keeps versions, what was deleted is there still. */
function ShowDeleted({ bucket }: { bucket: string }) {
  const m = useMessages(messages);
  const [search, setSearch] = useSearchParams();
  const versioning = useVersioning(bucket);
  if (versioning.data === undefined || versioning.data === "Off") return null;
  return (
    <Toggle
      checked={search.get("deleted") !== null}
      onChange={({ detail }) =>
        setSearch(
          (old) => {
            const next = new URLSearchParams(old);
            if (detail.checked) next.set("deleted", "");
            else next.delete("deleted");
            next.delete("page");
            next.delete("sel");
            return next;
          },
          { replace: true },
        )
      }
    >
      {m("showDeleted")}
    </Toggle>
  );
}

/** Files that are chosen or dropped go into the queue. */
function useUpload(bucket: string, prefix: string) {
  const m = useMessages(messages);
  const notices = useNotices();
  const { queue, owner } = useUploads();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const add = (found: Found[]) => {
    if (found.length === 0) notices.warning(m("nothingToUpload"));
    queue.add(
      owner,
      found.map(({ path, file }) => ({ bucket, key: prefix + path, file })),
    );
  };
  const input = (ref: typeof files, label: string, attributes: object) => (
    <input
      ref={ref}
      type="file"
      multiple
      hidden
      aria-label={label}
      onChange={(event) => {
        add(chosenFiles(event.target.files ?? []));
        event.target.value = ""; // the same file may be chosen again
      }}
      {...attributes}
    />
  );
  const carriesFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  return {
    over,
    chooseFiles: () => files.current?.click(),
    chooseFolder: () => folder.current?.click(),
    inputs: (
      <>
        {input(files, m("upload"), {})}
        {input(folder, m("uploadFolder"), { webkitdirectory: "" })}
      </>
    ),
    drop: {
      onDragOver: (event: DragEvent) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: (event: DragEvent) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      },
      onDrop: (event: DragEvent) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        setOver(false);
        droppedFiles(event.dataTransfer).then(add, (error: unknown) => notices.problem(problemOf(error)));
      },
    },
  };
}
