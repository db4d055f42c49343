import type { DType, Tensor } from "../../ir/tensor.ts";

const DESCRIPTORS: Partial<Record<DType, string>> = {
  float16: "<f2",
  float32: "<f4",
  float64: "<f8",
  int8: "|i1",
  int16: "<i2",
  int32: "<i4",
  int64: "<i8",
  uint8: "|u1",
  uint16: "<u2",
  uint32: "<u4",
  uint64: "<u8",
  bool: "|b1",
};

/** A NumPy array file, version 1, C order, data aligned to 64 bytes. Throws TypeError for a type NumPy has no name for. */
export function encodeNpy(tensor: Tensor): Uint8Array {
  const descr = DESCRIPTORS[tensor.dtype];
  if (!descr) throw new TypeError(`NumPy has no ${tensor.dtype}`);
  const { dims } = tensor;
  const shape = dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(", ")})`;
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  const start = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const header = `${dictionary.padEnd(start - 11, " ")}\n`;
  const bytes = new Uint8Array(start + tensor.bytes.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (start - 10) & 255, (start - 10) >> 8]);
  bytes.set(
    Uint8Array.from(header, (c) => c.charCodeAt(0)),
    10,
  );
  bytes.set(tensor.bytes, start);
  return bytes;
}
