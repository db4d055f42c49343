import type { DescMessage } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import type { FileDetail } from "../../base/detail.ts";

export interface WireFault {
  /** Byte offset of the tag, length or number that is wrong. */
  readonly offset: number;
  readonly what: FileDetail;
}

/** How one field may stand on the wire. */
interface FieldPlan {
  readonly name: string;
  readonly wire: number;
  readonly packable: boolean;
  readonly message: DescMessage | undefined;
}

type MessagePlan = ReadonlyMap<number, FieldPlan>;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED32 = 5;

/** Nesting at which the official parsers stop. */
const DEEPEST = 100;

const plans = new WeakMap<DescMessage, MessagePlan>();

/**
 * Checks that `bytes` are one well-formed message of `schema`: every tag, number and length whole, lengths inside their
 * message, known fields on the wire as declared. Returns the first fault, or undefined. The protobuf library reads a
 * nested message that overruns its parent, or a field of another wire type, without a word: this does not.
 */
export function checkWire(schema: DescMessage, bytes: Uint8Array): WireFault | undefined {
  try {
    new WireChecker(bytes).message(schema, bytes.length, 1);
  } catch (error) {
    if (error instanceof FaultFound) return error.fault;
    throw error;
  }
  return undefined;
}

class FaultFound extends Error {
  readonly fault: WireFault;
  constructor(offset: number, what: FileDetail) {
    super(what.code);
    this.fault = { offset, what };
  }
}

class WireChecker {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  message(schema: DescMessage, end: number, depth: number): void {
    if (depth > DEEPEST) throw new FaultFound(this.at, { code: "nestedTooDeep", most: DEEPEST });
    const plan = planOf(schema);
    while (this.at < end) {
      const start = this.at;
      const tag = this.tag(end);
      const field = plan.get(tag >>> 3);
      if (field) this.known(schema, field, { start, wire: tag & 7, end, depth });
      else this.skip(tag, start, end, depth);
    }
  }

  private known(
    schema: DescMessage,
    field: FieldPlan,
    on: { start: number; wire: number; end: number; depth: number },
  ): void {
    if (on.wire === LENGTH && field.wire === LENGTH) {
      const stop = this.length(on.end);
      if (field.message) this.message(field.message, stop, on.depth + 1);
      else this.at = stop;
    } else if (on.wire === LENGTH && field.packable) this.packed(field, on.end);
    else if (on.wire === field.wire) this.scalar(on.wire, on.end);
    else
      throw new FaultFound(on.start, {
        code: "wireType",
        wire: on.wire,
        field: `${schema.name}.${field.name}`,
      });
  }

  /** A field the schema does not know: any wire type, groups included. */
  private skip(tag: number, start: number, end: number, depth: number): void {
    const wire = tag & 7;
    if (wire === LENGTH) this.at = this.length(end);
    else if (wire !== START_GROUP) {
      if (wire === END_GROUP) throw new FaultFound(start, { code: "groupEndAlone" });
      this.scalar(wire, end);
    } else {
      if (depth >= DEEPEST) throw new FaultFound(start, { code: "nestedTooDeep", most: DEEPEST });
      for (;;) {
        if (this.at >= end) throw new FaultFound(start, { code: "groupOpen" });
        const innerStart = this.at;
        const inner = this.tag(end);
        if ((inner & 7) === END_GROUP) {
          if (inner >>> 3 !== tag >>> 3) throw new FaultFound(innerStart, { code: "groupEndOther" });
          return;
        }
        this.skip(inner, innerStart, end, depth + 1);
      }
    }
  }

  private tag(end: number): number {
    const start = this.at;
    const tag = this.varint(end, 0xffffffff);
    if (tag >>> 3 === 0 || (tag & 7) > FIXED32) throw new FaultFound(start, { code: "tag", tag });
    return tag;
  }

  /** Reads a length; returns where its bytes end. */
  private length(end: number): number {
    const start = this.at;
    const count = this.varint(end, 0xffffffff);
    if (count > end - this.at) {
      throw new FaultFound(start, { code: "lengthPastEnd", length: count, left: end - this.at });
    }
    return this.at + count;
  }

  private packed(field: FieldPlan, end: number): void {
    const start = this.at;
    const stop = this.length(end);
    if (field.wire === VARINT) while (this.at < stop) this.varint(stop);
    else {
      const width = field.wire === FIXED64 ? 8 : 4;
      if ((stop - this.at) % width !== 0) throw new FaultFound(start, { code: "lengthNotMultiple", width });
      this.at = stop;
    }
  }

  private scalar(wire: number, end: number): void {
    if (wire === VARINT) {
      this.varint(end);
      return;
    }
    const width = wire === FIXED64 ? 8 : 4;
    if (width > end - this.at) throw new FaultFound(this.at, { code: "numberCut" });
    this.at += width;
  }

  /** Reads a varint of at most ten bytes; with `most`, one whose value must not exceed it. */
  private varint(end: number, most?: number): number {
    const start = this.at;
    let value = 0;
    let weight = 1;
    for (let i = 0; i < 10; i++) {
      if (this.at >= end) throw new FaultFound(start, { code: "numberCut" });
      const byte = this.bytes[this.at++] as number;
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) {
        if (most !== undefined && (value > most || i > 4))
          throw new FaultFound(start, { code: "numberTooLarge" });
        return value;
      }
      weight *= 128;
    }
    throw new FaultFound(start, { code: "numberTooLong" });
  }
}

function planOf(schema: DescMessage): MessagePlan {
  const known = plans.get(schema);
  if (known) return known;
  const plan = new Map<number, FieldPlan>();
  for (const field of schema.fields) {
    const message = field.message;
    const wire = message || field.scalar === undefined ? LENGTH : wireOf(field.scalar);
    const packable = field.fieldKind === "list" && wire !== LENGTH;
    plan.set(field.number, { name: field.name, wire, packable, message });
  }
  plans.set(schema, plan);
  return plan;
}

function wireOf(scalar: ScalarType): number {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return LENGTH;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return FIXED64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return FIXED32;
    default:
      return VARINT;
  }
}
