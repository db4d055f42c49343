import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fail } from "../core/base/problem.ts";
import { systemDetail } from "./system-detail.ts";

/** A file on its way to the disk. */
export interface OutputFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Throws `file.notWritable` if a file or folder could not be written there, before hours are spent on what goes into it.
 * Leaves nothing behind.
 */
export function requirePlace(path: string, kind: "file" | "folder"): void {
  const target = resolve(path);
  const there = existsSync(target) ? statSync(target) : undefined;
  if (kind === "file" && (there?.isDirectory() || /[/\\]$/.test(path)))
    fail({ code: "file.notWritable", file: path, what: { code: "isFolder" } });
  if (kind === "folder" && there && !there.isDirectory())
    fail({ code: "file.notWritable", file: path, what: { code: "isFile" } });
  rmSync(stagingBeside(path), { recursive: true, force: true });
}

/** Writes files whole, and all of them or none. Throws `file.notWritable`. */
export function writeFilesWhole(files: readonly OutputFile[]): void {
  writing(files[0]?.path ?? "", (staging) => {
    const staged = files.map(({ path, bytes }) => {
      const target = resolve(path);
      const file = join(staging(path), basename(target));
      writeFileSync(file, bytes);
      return { file, target };
    });
    for (const { file, target } of staged) renameSync(file, target);
  });
}

/** Writes files into a folder, which appears only once all of them are written; in an existing one they are replaced. Throws `file.notWritable`. */
export function writeFolderWhole(path: string, files: ReadonlyMap<string, Uint8Array>): void {
  const target = resolve(path);
  writing(path, (staging) => {
    const folder = join(staging(path), "folder");
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
  });
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs `write` to its end whatever signals come, takes its staging folders away, and makes problems of the system's errors. */
function writing(path: string, write: (staging: (path: string) => string) => void): void {
  const folders: string[] = [];
  const wait = (): void => {};
  for (const signal of SIGNALS) process.on(signal, wait);
  try {
    write((beside) => {
      const folder = stagingBeside(beside);
      folders.push(folder);
      return folder;
    });
  } catch (error) {
    const what = systemDetail(error);
    if (!what) throw error;
    fail({ code: "file.notWritable", file: path, what });
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    for (const signal of SIGNALS) process.off(signal, wait);
  }
}

/** A new folder on the same file system as the target, so that renaming is atomic. */
function stagingBeside(path: string): string {
  const parent = dirname(resolve(path));
  if (!existsSync(parent) || !statSync(parent).isDirectory())
    fail({ code: "file.notWritable", file: path, what: { code: "folderMissing", folder: parent } });
  try {
    return mkdtempSync(join(parent, ".rill-"));
  } catch (error) {
    const what = systemDetail(error) ?? { code: "notAllowed" };
    return fail({ code: "file.notWritable", file: path, what });
  }
}
