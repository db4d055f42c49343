import type { NamedBlob } from "../../worker/protocol.ts";

/** Every file of a drop, folders included. Must be called while the event is handled: the items die with it. */
export async function collectFiles(transfer: DataTransfer): Promise<readonly NamedBlob[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const loose = [...transfer.files];
  if (entries.length === 0) return loose.map(named);
  const lists = await Promise.all(entries.map(filesOf));
  return lists.flat().map(named);
}

/** A file under its own name, without its folder. */
export function named(file: File): NamedBlob {
  return { name: file.name, blob: file };
}

async function filesOf(entry: FileSystemEntry): Promise<readonly File[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return file.name.startsWith(".") ? [] : [file];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  // A reader gives a folder in portions; an empty one is the end.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) return files;
    for (const inner of portion) files.push(...(await filesOf(inner)));
  }
}
