import { layOut, memoryOf, simdKernels } from "../../base/simd/simd-kernels.ts";

const LANES = 16;

/** saturate(a ± b) of bytes, not below `low`; undefined where the host runs no vectors. */
export function combinedBytes(a: Int8Array, b: Int8Array, sign: 1 | -1, low: number): Int8Array | undefined {
  const kernels = simdKernels();
  if (!kernels || a.length === 0) return undefined;
  const groups = Math.ceil(a.length / LANES);
  const { at, end } = layOut([a.length, a.length, groups * LANES]);
  const [aAt = 0, bAt = 0, outAt = 0] = at;
  const { bytes } = memoryOf(kernels, end);
  bytes.set(a, aAt);
  bytes.set(b, bAt);
  if (sign === 1) kernels.addBytes(aAt, bAt, outAt, groups, low);
  else kernels.subtractBytes(aAt, bAt, outAt, groups, low);
  return bytes.slice(outAt, outAt + a.length);
}

/** max(x, low) of bytes, likewise. */
export function bytesFrom(x: Int8Array, low: number): Int8Array | undefined {
  const kernels = simdKernels();
  if (!kernels || x.length === 0) return undefined;
  const groups = Math.ceil(x.length / LANES);
  const { at, end } = layOut([x.length, groups * LANES, groups * LANES]);
  const [xAt = 0, zerosAt = 0, outAt = 0] = at;
  const { bytes } = memoryOf(kernels, end);
  bytes.set(x, xAt);
  bytes.fill(0, zerosAt, zerosAt + groups * LANES);
  kernels.addBytes(xAt, zerosAt, outAt, groups, low);
  return bytes.slice(outAt, outAt + x.length);
}

const FLOORS = new WeakMap<Int8Array, number | undefined>();

/** `low` if the table of 256 entries, the first for −128, is max(x, low): that of a ReLU between equal exponents. */
export function floorOf(table: Int8Array): number | undefined {
  if (FLOORS.has(table)) return FLOORS.get(table);
  const low = table[0] ?? 0;
  const floor = table.every((y, i) => y === Math.max(i - 128, low)) ? low : undefined;
  FLOORS.set(table, floor);
  return floor;
}
