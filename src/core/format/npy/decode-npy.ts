import type { FileDetail } from "../../base/detail.ts";
import { fail } from "../../base/problem.ts";
import { byteLength, type DType, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { transposeFortran } from "./fortran-order.ts";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const DTYPES: ReadonlyMap<string, DType> = new Map([
  ["f2", "float16"],
  ["f4", "float32"],
  ["f8", "float64"],
  ["i1", "int8"],
  ["i2", "int16"],
  ["i4", "int32"],
  ["i8", "int64"],
  ["u1", "uint8"],
  ["u2", "uint16"],
  ["u4", "uint32"],
  ["u8", "uint64"],
  ["b1", "bool"],
]);

/**
 * Reads a NumPy array file, versions 1 to 3, numbers and booleans in little-endian order.
 * C-ordered data stays a view into the file; Fortran order is transposed. Throws `npy.malformed` with the offset and what is wrong there.
 */
export function decodeNpy(bytes: Uint8Array, file: string): Tensor {
  const malformed = (offset: number, what: FileDetail): never =>
    fail({ code: "npy.malformed", file, offset, what });
  const wrong = MAGIC.findIndex((b, i) => bytes[i] !== b);
  if (wrong >= 0) malformed(wrong, { code: "npyMagic" });
  if (bytes.length < 10) malformed(bytes.length, { code: "npyHeader" });
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) malformed(6, { code: "npyVersion", version });
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) malformed(bytes.length, { code: "npyHeader" });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end > bytes.length) malformed(bytes.length, { code: "npyHeader" });
  const header = parseHeader(bytes.subarray(start, end));
  if ("code" in header) return malformed(start, header);
  const needed = byteLength(header.dtype, sizeOf(header.dims));
  if (bytes.length - end < needed) {
    malformed(bytes.length, { code: "dataBytes", have: bytes.length - end, need: needed });
  }
  const tensor: Tensor = { dtype: header.dtype, dims: header.dims, bytes: bytes.subarray(end, end + needed) };
  return header.fortranOrder ? transposeFortran(tensor) : tensor;
}

interface Header {
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly fortranOrder: boolean;
}

/** Reads the Python dictionary of the header; a detail says what is wrong with it. */
function parseHeader(bytes: Uint8Array): Header | FileDetail {
  let text = "";
  for (const b of bytes) text += String.fromCharCode(b);
  const descr = /['"]descr['"]\s*:\s*['"]([^'"]*)['"]/.exec(text)?.[1];
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /['"]shape['"]\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (descr === undefined) return { code: "npyEntry", entry: "descr" };
  if (order === undefined) return { code: "npyEntry", entry: "fortran_order" };
  if (shape === undefined) return { code: "npyEntry", entry: "shape" };
  const match = /^([<>|=])([a-zA-Z]\d+)$/.exec(descr);
  const dtype = DTYPES.get(match?.[2] ?? "");
  if (!dtype || (match?.[1] === ">" && byteLength(dtype, 1) > 1))
    return { code: "npyEntryValue", entry: "descr", value: descr };
  const parts = shape
    .split(",")
    .map((p) => p.trim())
    .filter((p) => p !== "");
  // Python 2 wrote long integers with a trailing L.
  if (!parts.every((p) => /^\d{1,15}L?$/.test(p)))
    return { code: "npyEntryValue", entry: "shape", value: `(${shape})` };
  const dims = parts.map((p) => Number.parseInt(p, 10));
  if (!Number.isSafeInteger(sizeOf(dims)))
    return { code: "npyEntryValue", entry: "shape", value: `(${shape})` };
  return { dtype, dims, fortranOrder: order === "True" };
}
