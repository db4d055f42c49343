import { BinaryReader } from "@bufbuild/protobuf/wire";

/**
 * Hands every record of some list fields of a message to its visitor, in order, and returns the message without them.
 * A large message is read record by record this way, each one dead before the next is made: parsing 20,000 nodes at once
 * spends most of its time in the garbage collector. `bytes` must have passed checkWire.
 */
export function takeRecords(
  bytes: Uint8Array,
  visitors: ReadonlyMap<number, (record: Uint8Array) => void>,
): Uint8Array {
  const reader = new BinaryReader(bytes);
  const rest: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [field, wire] = reader.tag();
    const visit = visitors.get(field);
    if (visit) {
      const length = reader.uint32();
      visit(bytes.subarray(reader.pos, reader.pos + length));
      reader.pos += length;
    } else {
      reader.skip(wire, field);
      rest.push(bytes.subarray(start, reader.pos));
    }
  }
  return joined(rest);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
