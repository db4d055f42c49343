import { fail } from "../../base/problem.ts";
import { sha256Hex } from "../../base/sha256.ts";
import { decodeUtf8 } from "../../base/utf8.ts";
import { malformed } from "./malformed.ts";

export type Packaging = "EDL1" | "EDL2" | "PDL1" | "PDL2" | "PDL3";

/** A FlatBuffer inside a file, and where it starts there. */
export interface Payload {
  /** Name in the package; "" for a file that is one model. */
  readonly name: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface Unpacked {
  readonly packaging: Packaging;
  /** Version text of a PDL3 package, else "". */
  readonly version: string;
  readonly payloads: readonly Payload[];
}

const HEADER_BYTES = { EDL1: 12, EDL2: 16 };
const PACKAGE_ENTRIES = { PDL1: 8, PDL2: 8, PDL3: 60 };
const DIGEST = { at: 24, bytes: 32 };
/** More models than any flash holds: a guard for broken headers. */
const MOST_MODELS = 4096;

/**
 * The FlatBuffers in an `.espdl` file: one model (EDL1, EDL2) or a package of several (PDL1, PDL2, PDL3, whose digest
 * is checked). Throws `model.malformed`, and `espdl.encrypted` for a model that only the chip with its key can read.
 */
export function unpackContainer(bytes: Uint8Array, file: string): Unpacked {
  const magic = asciiAt(bytes, 0, 4);
  if (magic === "EDL1" || magic === "EDL2") {
    return { packaging: magic, version: "", payloads: [payloadAt(bytes, { at: 0, name: "", file })] };
  }
  if (magic !== "PDL1" && magic !== "PDL2" && magic !== "PDL3")
    return malformed(0, { code: "headerUnknown", wanted: "EDL1, EDL2, PDL1, PDL2, PDL3" });
  if (magic === "PDL3") checkDigest(bytes);
  const entries = PACKAGE_ENTRIES[magic];
  const count = uint32(bytes, entries - 4);
  if (count > MOST_MODELS) malformed(entries - 4, { code: "modelCount", count });
  const payloads: Payload[] = [];
  for (let i = 0; i < count; i++) {
    const entry = entries + 12 * i;
    const nameAt = uint32(bytes, entry + 4);
    const nameBytes = uint32(bytes, entry + 8);
    if (nameAt + nameBytes > bytes.length) malformed(entry + 4, { code: "nameOutside" });
    const name = decodeUtf8(bytes.subarray(nameAt, nameAt + nameBytes));
    payloads.push(payloadAt(bytes, { at: uint32(bytes, entry), name, file }));
  }
  if (payloads.length === 0) malformed(entries - 4, { code: "packageEmpty" });
  return { packaging: magic, version: magic === "PDL3" ? versionText(bytes) : "", payloads };
}

function payloadAt(bytes: Uint8Array, from: { at: number; name: string; file: string }): Payload {
  const { at, name, file } = from;
  const magic = asciiAt(bytes, at, 4);
  if (magic !== "EDL1" && magic !== "EDL2")
    return malformed(at, { code: "headerUnknown", wanted: "EDL1, EDL2" });
  const mode = uint32(bytes, at + 4);
  const length = uint32(bytes, at + 8);
  const offset = at + HEADER_BYTES[magic];
  if (mode === 1) fail({ code: "espdl.encrypted", file: name === "" ? file : `${file}: ${name}` });
  if (mode !== 0) malformed(at + 4, { code: "encryptionMode", mode });
  if (offset + length > bytes.length) {
    malformed(at + 8, { code: "lengthPastEnd", length, left: Math.max(0, bytes.length - offset) });
  }
  return { name, offset, bytes: bytes.subarray(offset, offset + length) };
}

/** A PDL3 package carries the SHA-256 of itself, its own digest taken as zeros. */
function checkDigest(bytes: Uint8Array): void {
  const size = uint32(bytes, 20);
  if (size < PACKAGE_ENTRIES.PDL3 || size > bytes.length) malformed(20, { code: "packageSize", bytes: size });
  const blank = new Uint8Array(bytes.subarray(0, size));
  blank.fill(0, DIGEST.at, DIGEST.at + DIGEST.bytes);
  const stored = [...bytes.subarray(DIGEST.at, DIGEST.at + DIGEST.bytes)]
    .map((b) => b.toString(16).padStart(2, "0"))
    .join("");
  if (sha256Hex(blank) !== stored) malformed(DIGEST.at, { code: "digestDiffers" });
}

function versionText(bytes: Uint8Array): string {
  const field = bytes.subarray(4, 20);
  const end = field.indexOf(0);
  return decodeUtf8(end < 0 ? field : field.subarray(0, end));
}

function uint32(bytes: Uint8Array, at: number): number {
  if (at + 4 > bytes.length) malformed(Math.min(at, bytes.length), { code: "headerCut" });
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

function asciiAt(bytes: Uint8Array, at: number, count: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + count));
}
