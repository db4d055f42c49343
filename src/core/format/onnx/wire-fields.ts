import { BinaryReader } from "@bufbuild/protobuf/wire";

/** One field of a serialised message: where its tag, its value (behind the length, if it has one) and its end are. */
export interface WireField {
  readonly number: number;
  readonly start: number;
  readonly value: number;
  readonly end: number;
}

const LENGTH_DELIMITED = 2;

/** The top fields of a serialised message that has passed checkWire, in order. */
export function* fieldsOf(bytes: Uint8Array): Generator<WireField> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wire] = reader.tag();
    let value = reader.pos;
    if (wire === LENGTH_DELIMITED) {
      const length = reader.uint32();
      value = reader.pos;
      reader.pos += length;
    } else reader.skip(wire, number);
    yield { number, start, value, end: reader.pos };
  }
}

/** Cuts a message that has passed checkWire between top fields: views of at most `count` fields, in order, none empty. */
export function* slicesOf(bytes: Uint8Array, count: number): Generator<Uint8Array> {
  let from = 0;
  let fields = 0;
  for (const { end } of fieldsOf(bytes)) {
    if (++fields % count !== 0) continue;
    yield bytes.subarray(from, end);
    from = end;
  }
  if (from < bytes.length) yield bytes.subarray(from);
}
