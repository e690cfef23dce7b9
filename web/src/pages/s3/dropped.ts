/** Files that are chosen or dropped, with the folders that they lie in. */

export interface Found {
  /** The path below what was chosen: "photos/2026/a.png". */
  path: string;
  file: File;
}

/** The files of an input; one for folders says where in the folder each of them lay. */
export function chosenFiles(files: FileList | File[]): Found[] {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** Reads what was dropped, folders to their ends. The items are gone after the event: take them at once. */
export async function droppedFiles(transfer: DataTransfer): Promise<Found[]> {
  const entries = [...transfer.items].flatMap((item) => (item.kind === "file" ? (item.webkitGetAsEntry() ?? []) : []));
  if (entries.length === 0) return chosenFiles(transfer.files);
  const found: Found[] = [];
  for (const entry of entries) await walk(entry, "", found);
  return found;
}

async function walk(entry: FileSystemEntry, path: string, found: Found[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((ok, no) => (entry as FileSystemFileEntry).file(ok, no));
    found.push({ path: path + entry.name, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // It answers with some at a time (100 in Chromium), and with none when that was all.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((ok, no) => reader.readEntries(ok, no));
    if (some.length === 0) return;
    for (const inside of some) await walk(inside, `${path}${entry.name}/`, found);
  }
}
