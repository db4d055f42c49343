import type { DroppedFile } from "../../state/clip-names.ts";

/** Every file of a drop, folders included. Must be called while the event is handled: the items die with it. */
export async function collectFiles(transfer: DataTransfer): Promise<readonly DroppedFile[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const loose = [...transfer.files];
  if (entries.length === 0) return loose.map(named);
  const lists = await Promise.all(entries.map(filesOf));
  return lists.flat();
}

/** A file under its own name. */
export function named(file: File): DroppedFile {
  return { name: file.name, blob: file };
}

async function filesOf(entry: FileSystemEntry): Promise<readonly DroppedFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    const path = entry.fullPath.replace(/^\//, "");
    return file.name.startsWith(".") ? [] : [{ ...named(file), path }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: DroppedFile[] = [];
  // A reader gives a folder in portions; an empty one is the end.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) return files;
    for (const inner of portion) files.push(...(await filesOf(inner)));
  }
}
