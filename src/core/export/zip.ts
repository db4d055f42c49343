import { unzipSync, type Zippable, zipSync } from "fflate";
import { fail } from "../base/problem.ts";

/** Weights and tensors hardly shrink; stored, they can also be read in place. */
const STORED = /\.(onnx|npy|wav|espdl)$/;

/**
 * One zip of the files: entries by path in code-unit order, fixed date, fixed level. Equal files give equal bytes
 * anywhere. Paths are relative with "/".
 */
export function zipFiles(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  // ZIP stores local time: this is 1980-01-01 in every zone, the first date that the format can hold.
  const mtime = new Date(1980, 0, 1);
  const entries: Zippable = {};
  for (const path of [...files.keys()].sort()) {
    const bytes = files.get(path) ?? new Uint8Array(0);
    entries[path] = [bytes, { level: STORED.test(path) ? 0 : 6, mtime }];
  }
  return zipSync(entries);
}

/** Path → bytes of every file in a zip. Throws `package.malformed` if it is none. */
export function unzipFiles(bytes: Uint8Array, file: string): Map<string, Uint8Array> {
  try {
    const entries = Object.entries(unzipSync(bytes));
    return new Map(entries.filter(([path]) => !path.endsWith("/")).sort(([a], [b]) => (a < b ? -1 : 1)));
  } catch {
    return fail({ code: "package.malformed", file, what: { code: "notZip" } });
  }
}
