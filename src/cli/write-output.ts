import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fail } from "../core/base/problem.ts";

/** Writes a file whole or not at all. */
export function writeFileWhole(path: string, bytes: Uint8Array): void {
  const target = resolve(path);
  const staging = stagingBeside(target);
  try {
    const file = join(staging, basename(target));
    writeFileSync(file, bytes);
    renameSync(file, target);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Writes files into a folder, which appears only once all of them are written; in an existing one they are replaced. */
export function writeFolderWhole(path: string, files: ReadonlyMap<string, Uint8Array>): void {
  const target = resolve(path);
  const staging = stagingBeside(target);
  try {
    const folder = join(staging, "folder");
    for (const [name, bytes] of files) {
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
    if (!existsSync(target)) renameSync(folder, target);
    else {
      for (const name of files.keys()) {
        mkdirSync(dirname(join(target, name)), { recursive: true });
        renameSync(join(folder, name), join(target, name));
      }
    }
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** A new folder on the same file system as the target, so that renaming is atomic. */
function stagingBeside(target: string): string {
  const parent = dirname(target);
  try {
    return mkdtempSync(join(parent, ".rill-"));
  } catch {
    return fail({ code: "file.notFound", file: parent });
  }
}
