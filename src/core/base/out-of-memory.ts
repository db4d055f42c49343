/** What engines, V8 and onnxruntime's C++ say when memory cannot be had; a group holds the bytes or elements asked for. */
const SIGNS = [
  /failed to allocate (?:memory for requested|a) buffer of size (\d+)/i,
  /array buffer allocation failed/i,
  /invalid (?:typed )?array(?: buffer)? length(?:: (\d+))?/i,
  /bad_alloc/,
  /out of memory|\bOOM\b/i,
  // A tensor whose bytes a 32-bit address cannot count.
  /SafeIntOnOverflow/,
] as const;

/** Bytes that a 32-bit WebAssembly memory can hold. */
export const WASM_LIMIT_BYTES = 2 ** 32;

/** What could not be had, if an exception says that memory ran out. `needBytes` is 0 where it does not tell. */
export function outOfMemory(error: unknown): { readonly needBytes: number } | undefined {
  const message = error instanceof Error ? error.message : String(error);
  for (const sign of SIGNS) {
    const found = sign.exec(message);
    if (found) return { needBytes: Number(found[1] ?? 0) };
  }
  return undefined;
}
