export interface RiffChunk {
  readonly id: string;
  /** First byte of the body. */
  readonly offset: number;
  /** One past the body; never beyond the file. */
  readonly end: number;
}

/** Four characters at an offset; shorter at the end of the file. */
export function fourCC(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}

/**
 * The chunks from `start` to the end of the file. Bodies are padded to even sizes. A size that runs past the end, or a
 * data chunk of size 0 that is not followed by well-formed chunks, means "to the end": a stream whose header was never completed.
 */
export function chunksOf(bytes: Uint8Array, start: number): readonly RiffChunk[] {
  const chunks: RiffChunk[] = [];
  for (let at = start; at + 8 <= bytes.length; ) {
    const id = fourCC(bytes, at);
    const offset = at + 8;
    const size = sizeAt(bytes, at);
    const unfinished = id === "data" && size === 0 && !endsInChunks(bytes, offset);
    const end = unfinished ? bytes.length : Math.min(offset + size, bytes.length);
    chunks.push({ id, offset, end });
    at = end + (end % 2 === start % 2 ? 0 : 1);
  }
  return chunks;
}

function sizeAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at + 4, true);
}

/** True if chunks with plain names fill the file exactly from `at` on. */
function endsInChunks(bytes: Uint8Array, at: number): boolean {
  let next = at;
  while (next + 8 <= bytes.length) {
    if (!/^[A-Za-z0-9_]{2,4} {0,2}$/.test(fourCC(bytes, next))) return false;
    const size = sizeAt(bytes, next);
    next += 8 + size + (size % 2);
  }
  return next === bytes.length || next === bytes.length + 1;
}
