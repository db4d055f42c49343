import { WASM_LIMIT_BYTES } from "../core/base/out-of-memory.ts";
import { fail } from "../core/base/problem.ts";
import type { NamedBytes } from "../engine/open-model.ts";
import type { NamedBlob } from "./protocol.ts";

/** From here on a browser answers a read that found no room with the error of a file that is gone. */
const AMBIGUOUS_BYTES = 2 ** 31 - 1;

/** All bytes of a file. Throws `file.unreadable` for one that changed since it was given, `file.tooBig`, `memory.exhausted`. */
export async function bytesOf(file: NamedBlob): Promise<NamedBytes> {
  requireRoom([file]);
  return { name: file.name, bytes: new Uint8Array(await read(file, (blob) => blob.arrayBuffer())) };
}

/** What `get` reads of a file. Throws `file.unreadable`, `memory.exhausted`. */
export async function read<T>({ name, blob }: NamedBlob, get: (blob: Blob) => Promise<T>): Promise<T> {
  try {
    return await get(blob);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    if (blob.size < AMBIGUOUS_BYTES) fail({ code: "file.unreadable", file: name });
    const sizes = { needBytes: blob.size, fileBytes: blob.size };
    return fail({ code: "memory.exhausted", ...sizes, limitBytes: WASM_LIMIT_BYTES });
  }
}

/** Throws `file.tooBig`, by the biggest of them, for files that together are more than one worker can hold. */
export function requireRoom(files: readonly NamedBlob[]): void {
  const fileBytes = files.reduce((sum, { blob }) => sum + blob.size, 0);
  if (fileBytes <= WASM_LIMIT_BYTES) return;
  const [biggest] = [...files].sort((a, b) => b.blob.size - a.blob.size);
  fail({ code: "file.tooBig", file: biggest?.name ?? "", fileBytes, limitBytes: WASM_LIMIT_BYTES });
}
