import { sha256Hex } from "../../base/sha256.ts";
import { encodeUtf8 } from "../../base/utf8.ts";

const ALIGN = 16;
const HEADER_BYTES = 16;

/** A FlatBuffer with the header of an EDL2 file: magic, no encryption, length, zero. */
export function wrapModel(payload: Uint8Array): Uint8Array {
  const file = new Uint8Array(HEADER_BYTES + payload.length);
  file.set(encodeUtf8("EDL2"));
  new DataView(file.buffer).setUint32(8, payload.length, true);
  file.set(payload, HEADER_BYTES);
  return file;
}

export interface NamedModel {
  /** File name in the package, such as "encoder.espdl": the key the runtime loads it by. */
  readonly name: string;
  /** An EDL2 file. */
  readonly bytes: Uint8Array;
}

export interface PackOptions {
  /** At most 15 bytes; "v1.0" if not given. */
  readonly version?: string;
}

/**
 * Several EDL2 files as one PDL3 package, each at a multiple of 16 bytes and zero-padded to one; the header holds the SHA-256 of the
 * package with its own digest taken as zeros. Throws RangeError for a version text that is too long.
 */
export function packModels(
  models: readonly NamedModel[],
  { version = "v1.0" }: PackOptions = {},
): Uint8Array {
  const versionBytes = encodeUtf8(version);
  if (versionBytes.length > 15) throw new RangeError("the version text has more than 15 bytes");
  const names = models.map((m) => encodeUtf8(m.name));
  const entriesAt = 60;
  let nameAt = entriesAt + 12 * models.length;
  let dataAt = padded(nameAt + names.reduce((n, b) => n + b.length, 0));
  const file = new Uint8Array(dataAt + models.reduce((n, m) => n + padded(m.bytes.length), 0));
  const view = new DataView(file.buffer);
  file.set(encodeUtf8("PDL3"));
  file.set(versionBytes, 4);
  view.setUint32(20, file.length, true);
  view.setUint32(56, models.length, true);
  for (const [i, { bytes }] of models.entries()) {
    const name = names[i] ?? new Uint8Array(0);
    const entry = entriesAt + 12 * i;
    view.setUint32(entry, dataAt, true);
    view.setUint32(entry + 4, nameAt, true);
    view.setUint32(entry + 8, name.length, true);
    file.set(name, nameAt);
    file.set(bytes, dataAt);
    nameAt += name.length;
    dataAt += padded(bytes.length);
  }
  const digest = sha256Hex(file).match(/../g) ?? [];
  file.set(
    digest.map((hex) => Number.parseInt(hex, 16)),
    24,
  );
  return file;
}

function padded(count: number): number {
  return Math.ceil(count / ALIGN) * ALIGN;
}
