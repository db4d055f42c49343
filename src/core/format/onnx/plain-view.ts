/** The same bytes as a plain Uint8Array: views of a Node Buffer would be Buffers, whose `slice` copies nothing. */
export function plainView(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
