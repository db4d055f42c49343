import { ByteBuffer } from "flatbuffers";
import type { FileDetail } from "../../base/detail.ts";
import { decodeUtf8 } from "../../base/utf8.ts";
import { malformed } from "./malformed.ts";

/** Most bytes that records may be read over and over, for each byte of the file: shared records are legal, bombs are not. */
const REREADS = 64;

/**
 * A FlatBuffer whose every offset is checked before it is followed. All methods throw `model.malformed` with the offset
 * (counted from the start of the file, `base` bytes before the FlatBuffer) where the bytes cannot be what they claim.
 */
export class FlatReader {
  private readonly buffer: ByteBuffer;
  private readonly size: number;
  private readonly base: number;
  private budget: number;

  constructor(bytes: Uint8Array, base: number) {
    this.buffer = new ByteBuffer(bytes);
    this.size = bytes.length;
    this.base = base;
    this.budget = REREADS * bytes.length + 1024;
  }

  root(): FlatTable {
    this.claim(0, 4, "root");
    return this.table(this.buffer.readUint32(0), "Model");
  }

  /** The table that starts at `at`; its vtable and size are checked here, its fields when read. */
  table(at: number, record: string): FlatTable {
    this.claim(at, 4, record);
    const vtable = at - this.buffer.readInt32(at);
    if (vtable < 0 || vtable + 4 > this.size) this.bad(at, { code: "recordTable", record });
    const slots = this.buffer.readUint16(vtable);
    const bytes = this.buffer.readUint16(vtable + 2);
    if (slots < 4 || slots % 2 !== 0 || vtable + slots > this.size)
      this.bad(vtable, { code: "recordTable", record });
    if (bytes < 4) this.bad(vtable, { code: "recordTable", record });
    this.claim(at, bytes, record);
    return new FlatTable(this, { at, bytes, vtable, slots, record });
  }

  /** Checks that `count` bytes stand at `at` and charges them to the budget. */
  claim(at: number, count: number, record: string): void {
    if (at < 0 || at + count > this.size) this.bad(at, { code: "recordOutside", record });
    this.budget -= count;
    if (this.budget < 0) this.bad(at, { code: "recordsReread", record });
  }

  bad(at: number, what: FileDetail): never {
    return malformed(this.base + Math.max(0, Math.min(at, this.size)), what);
  }

  uint16(at: number): number {
    return this.buffer.readUint16(at);
  }

  int8(at: number): number {
    return this.buffer.readInt8(at);
  }

  int32(at: number): number {
    return this.buffer.readInt32(at);
  }

  int64(at: number): bigint {
    return this.buffer.readInt64(at);
  }

  float32(at: number): number {
    return this.buffer.readFloat32(at);
  }

  /** Where the offset that stands at `at` points. */
  target(at: number): number {
    return at + this.buffer.readUint32(at);
  }

  /** First element and count of the vector at `at`, whose elements have `width` bytes. */
  vector(at: number, width: number, record: string): { start: number; count: number } {
    this.claim(at, 4, record);
    const count = this.buffer.readUint32(at);
    this.claim(at + 4, count * width, record);
    return { start: at + 4, count };
  }

  bytes(at: number, count: number): Uint8Array {
    return this.buffer.bytes().subarray(at, at + count);
  }
}

interface Placed {
  readonly at: number;
  readonly bytes: number;
  readonly vtable: number;
  readonly slots: number;
  readonly record: string;
}

/** One table. Scalars answer their default when the field is absent; references answer undefined. */
export class FlatTable {
  private readonly reader: FlatReader;
  private readonly place: Placed;

  constructor(reader: FlatReader, place: Placed) {
    this.reader = reader;
    this.place = place;
  }

  /** What the schema calls this record. */
  get record(): string {
    return this.place.record;
  }

  bad(what: FileDetail): never {
    return this.reader.bad(this.place.at, what);
  }

  /** For a member without which the record says nothing. */
  lacks(member: string): never {
    return this.bad({ code: "recordLacks", record: this.place.record, member });
  }

  int8(slot: number): number {
    const at = this.field(slot, 1);
    return at === undefined ? 0 : this.reader.int8(at);
  }

  int32(slot: number): number {
    const at = this.field(slot, 4);
    return at === undefined ? 0 : this.reader.int32(at);
  }

  int64(slot: number): bigint {
    const at = this.field(slot, 8);
    return at === undefined ? 0n : this.reader.int64(at);
  }

  /** A struct of one float32. */
  floatStruct(slot: number): number | undefined {
    const at = this.field(slot, 4);
    return at === undefined ? undefined : this.reader.float32(at);
  }

  /** A struct of one int64. */
  longStruct(slot: number): bigint | undefined {
    const at = this.field(slot, 8);
    return at === undefined ? undefined : this.reader.int64(at);
  }

  text(slot: number): string | undefined {
    const bytes = this.blocks(slot, 1);
    return bytes === undefined ? undefined : decodeUtf8(bytes);
  }

  /** The bytes of a vector whose elements have `width` bytes: a view. */
  blocks(slot: number, width: number): Uint8Array | undefined {
    const vector = this.vector(slot, width);
    return vector && this.reader.bytes(vector.start, vector.count * width);
  }

  longs(slot: number): bigint[] | undefined {
    return this.list(slot, 8, (at) => this.reader.int64(at));
  }

  floats(slot: number): number[] | undefined {
    return this.list(slot, 4, (at) => this.reader.float32(at));
  }

  texts(slot: number): string[] | undefined {
    return this.list(slot, 4, (at) => decodeUtf8(this.stringBytes(this.reader.target(at))));
  }

  byteStrings(slot: number): Uint8Array[] | undefined {
    return this.list(slot, 4, (at) => this.stringBytes(this.reader.target(at)));
  }

  child(slot: number, record: string): FlatTable | undefined {
    const at = this.field(slot, 4);
    return at === undefined ? undefined : this.reader.table(this.reader.target(at), record);
  }

  children(slot: number, record: string): FlatTable[] | undefined {
    return this.list(slot, 4, (at) => this.reader.table(this.reader.target(at), record));
  }

  private stringBytes(at: number): Uint8Array {
    const { start, count } = this.reader.vector(at, 1, this.place.record);
    return this.reader.bytes(start, count);
  }

  private list<T>(slot: number, width: number, read: (at: number) => T): T[] | undefined {
    const vector = this.vector(slot, width);
    if (!vector) return undefined;
    const items: T[] = [];
    for (let i = 0; i < vector.count; i++) items.push(read(vector.start + i * width));
    return items;
  }

  private vector(slot: number, width: number): { start: number; count: number } | undefined {
    const at = this.field(slot, 4);
    return at === undefined
      ? undefined
      : this.reader.vector(this.reader.target(at), width, this.place.record);
  }

  /** Where a field of `width` bytes stands, or undefined if the table has none. */
  private field(slot: number, width: number): number | undefined {
    const { at, bytes, vtable, slots } = this.place;
    const entry = 4 + 2 * slot;
    const offset = entry < slots ? this.reader.uint16(vtable + entry) : 0;
    if (offset === 0) return undefined;
    if (offset < 4 || offset + width > bytes)
      this.bad({ code: "fieldOutside", record: this.place.record, field: slot });
    return at + offset;
  }
}
