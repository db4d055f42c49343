import { Builder } from "flatbuffers";
import { encodeUtf8 } from "../../base/utf8.ts";

/** Where a finished record stands in the buffer, counted from its end. */
export type Offset = number;

/** What a table field holds. A default (0, 0n) is left out, as readers supply it. */
export type Field =
  | { readonly slot: number; readonly int8: number }
  | { readonly slot: number; readonly int32: number }
  | { readonly slot: number; readonly int64: bigint }
  | { readonly slot: number; readonly offset: Offset }
  | { readonly slot: number; readonly floatStruct: number }
  | { readonly slot: number; readonly longStruct: bigint };

const BLOCK_BYTES = 16;

/**
 * Builds a FlatBuffer from the leaves up: children first, then the tables that point to them. Fields are laid down in the order
 * given, which decides the bytes and nothing else.
 */
export class FlatWriter {
  private readonly builder = new Builder(4096);

  text(text: string): Offset {
    return this.builder.createString(encodeUtf8(text));
  }

  bytes(bytes: Uint8Array): Offset {
    this.builder.startVector(1, bytes.length, 1);
    this.putBytes(bytes);
    return this.builder.endVector();
  }

  /** A vector of 16-byte blocks, the last filled up with zeros. */
  blocks(bytes: Uint8Array): Offset {
    const count = Math.ceil(bytes.length / BLOCK_BYTES);
    this.builder.startVector(BLOCK_BYTES, count, BLOCK_BYTES);
    for (let i = bytes.length; i < count * BLOCK_BYTES; i++) this.builder.writeInt8(0);
    this.putBytes(bytes);
    return this.builder.endVector();
  }

  longs(values: readonly (number | bigint)[]): Offset {
    this.builder.startVector(8, values.length, 8);
    for (const value of [...values].reverse()) this.builder.addInt64(BigInt(value));
    return this.builder.endVector();
  }

  floats(values: readonly number[]): Offset {
    this.builder.startVector(4, values.length, 4);
    for (const value of [...values].reverse()) this.builder.addFloat32(value);
    return this.builder.endVector();
  }

  offsets(values: readonly Offset[]): Offset {
    this.builder.startVector(4, values.length, 4);
    for (const value of [...values].reverse()) this.builder.addOffset(value);
    return this.builder.endVector();
  }

  table(slots: number, fields: readonly Field[]): Offset {
    this.builder.startObject(slots);
    for (const field of fields) this.put(field);
    return this.builder.endObject();
  }

  finish(root: Offset): Uint8Array {
    this.builder.finish(root);
    return this.builder.asUint8Array();
  }

  private put(field: Field): void {
    const { builder } = this;
    if ("int8" in field) builder.addFieldInt8(field.slot, field.int8, 0);
    else if ("int32" in field) builder.addFieldInt32(field.slot, field.int32, 0);
    else if ("int64" in field) builder.addFieldInt64(field.slot, field.int64, 0n);
    else if ("offset" in field) builder.addFieldOffset(field.slot, field.offset, 0);
    else if ("floatStruct" in field) {
      builder.prep(4, 4);
      builder.writeFloat32(field.floatStruct);
      builder.addFieldStruct(field.slot, builder.offset(), 0);
    } else {
      builder.prep(8, 8);
      builder.writeInt64(field.longStruct);
      builder.addFieldStruct(field.slot, builder.offset(), 0);
    }
  }

  /** The buffer grows downwards: last byte first. Room was made by startVector. */
  private putBytes(bytes: Uint8Array): void {
    for (let i = bytes.length - 1; i >= 0; i--) this.builder.writeInt8(bytes[i] ?? 0);
  }
}
