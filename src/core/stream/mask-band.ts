import { floorMod } from "../base/floor-mod.ts";
import { lcm } from "../base/rational.ts";
import { byteLength, elements, sizeOf, type Tensor } from "../ir/tensor.ts";
import { stridesOf } from "../ops/rules/broadcast.ts";

/*
 * Attention masks are recognised by their numbers (reference: §14 of the theory): computed at some length T, entry (i, j)
 * of query i and key j must be entry (i + k, j + k) for a period k, which is 1 where distance alone counts.
 */

/** A mask or bias at one length. Axes count from the end (1 is the last); one that is missing or of extent 1 broadcasts. */
export interface MaskProbe {
  readonly tensor: Tensor;
  readonly query: number;
  readonly key: number;
}

/** Which keys a query reads, by its phase: its position modulo the period. */
export interface Band {
  readonly period: number;
  /** The farthest key before the query (i − j) and behind it (j − i); negative if even the nearest lies on the other side. */
  readonly left: readonly number[];
  readonly right: readonly number[];
}

/** Exponentials of numbers up to it, beside the scores of a network, are zero in float32. */
export const BLOCKED = -1e4;

/** Of the larger one: two float positions this close are one. */
const ROUNDING = 1e-6;

/** Per entry (i, j), row-major: its value, NaN where that depends on data. */
export type GridState = Float64Array;

interface Reader {
  readonly data: ReturnType<typeof elements>;
  /** Offsets of the other axes' entries (heads). */
  readonly others: Int32Array;
  readonly query: number;
  readonly key: number;
}

function readerOf({ tensor, query, key }: MaskProbe): Reader {
  const { dims } = tensor;
  const strides = stridesOf(dims);
  const [q, k] = [dims.length - query, dims.length - key];
  let others = new Int32Array(1);
  for (const [axis, extent] of dims.entries()) {
    if (axis === q || axis === k) continue;
    const stride = strides[axis] ?? 1;
    others = Int32Array.from({ length: others.length * extent }, (_, n) => {
      const before = Math.floor(n / extent);
      return (others[before] ?? 0) + (n - before * extent) * stride;
    });
  }
  const stride = (axis: number): number => (axis < 0 || dims[axis] === 1 ? 0 : (strides[axis] ?? 0));
  return { data: elements(tensor), others, query: stride(q), key: stride(k) };
}

/** Entries as one number each; where heads differ the highest that blocks, or NaN. */
export function stateOf(probe: MaskProbe, size: number): GridState {
  const { data, others, query, key } = readerOf(probe);
  const state = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const at = i * query + j * key;
      let value = Number(data[at + (others[0] ?? 0)]);
      for (let k = 1; k < others.length; k++) {
        const other = Number(data[at + (others[k] ?? 0)]);
        if (other !== value) value = Math.max(value, other) <= BLOCKED ? Math.max(value, other) : Number.NaN;
      }
      state[i * size + j] = value;
    }
  }
  return state;
}

/** The least period that all probes have, if it is below a third of the size. */
export function periodOf(probes: readonly MaskProbe[], size: number): number | undefined {
  let period = 1;
  for (const probe of probes) {
    const own = periodOfOne(readerOf(probe), size);
    if (own === undefined) return undefined;
    period = lcm(period, own);
  }
  return period <= size / 3 ? period : undefined;
}

function periodOfOne(reader: Reader, size: number): number | undefined {
  for (let period = 1; period <= size / 3; period++) if (repeats(reader, size, period)) return period;
  return undefined;
}

function repeats({ data, others, query, key }: Reader, size: number, period: number): boolean {
  const shift = period * (query + key);
  for (const other of others) {
    for (let i = 0; i < size - period; i++) {
      for (let j = 0; j < size - period; j++) {
        const at = other + i * query + j * key;
        if (!alike(Number(data[at]), Number(data[at + shift]))) return false;
      }
    }
  }
  return true;
}

function alike(a: number, b: number): boolean {
  if (a === b) return true;
  const largest = Math.max(Math.abs(a), Math.abs(b));
  return Number.isFinite(largest) && Math.abs(a - b) <= ROUNDING * largest;
}

/** Whether both agree on the positions that both have. */
export function samePrefix(a: GridState, sizeA: number, b: GridState, sizeB: number): boolean {
  const size = Math.min(sizeA, sizeB);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) if (!Object.is(a[i * sizeA + j], b[i * sizeB + j])) return false;
  return true;
}

export interface Limits {
  readonly left: number;
  readonly right: number;
}

/** What a probe says: a band, or a side on which the keys that are read come to no end, or queries that read no key. */
export type Recognised = Band | "openLeft" | "open" | "empty";

/** The band of the entries that are not zero in `weights`. Limits narrow it. */
export function bandOf(weights: GridState, size: number, period: number, limits?: Limits): Recognised {
  const least = Number.NEGATIVE_INFINITY;
  const left = new Array<number>(period).fill(least);
  const right = new Array<number>(period).fill(least);
  for (let i = 0; i < size; i++) {
    const phase = i % period;
    let reads = false;
    for (let j = 0; j < size; j++) {
      if (weights[i * size + j] === 0) continue;
      if (limits && (i - j > limits.left || j - i > limits.right)) continue;
      reads = true;
      left[phase] = Math.max(left[phase] ?? least, i - j);
      right[phase] = Math.max(right[phase] ?? least, j - i);
    }
    if (!reads) return "empty";
  }
  // Diagonals that are there, and zero, on both sides of the band.
  const far = size - 1 - Math.max(2, period + 1);
  if (Math.max(...right) > far) return "open";
  return Math.max(...left) > far ? "openLeft" : { period, left, right };
}

/** Where a chunk of queries stands: row r is query `r − queryDelay`, column c is key `c − history − keyDelay`. */
export interface MaskWindow {
  readonly rows: number;
  readonly columns: number;
  readonly history: number;
  /** Frames by which queries lag keys. */
  readonly lag: number;
}

/** The mask as a chunk needs it: dims of the probe, with [rows, columns] on the query and key axes. */
export function windowOfMask(probe: MaskProbe, size: number, period: number, window: MaskWindow): Tensor {
  const { tensor, query, key } = probe;
  const reader = readerOf(probe);
  const rank = Math.max(tensor.dims.length, query, key);
  const own = [...new Array<number>(rank - tensor.dims.length).fill(1), ...tensor.dims];
  const dims = own.map((d, i) => (i === rank - query ? window.rows : i === rank - key ? window.columns : d));
  const heads = own.map((d, i) => (i === rank - query || i === rank - key ? 1 : d));
  const strides = stridesOf(dims);
  const width = byteLength(tensor.dtype, 2) / 2;
  const bytes = new Uint8Array(byteLength(tensor.dtype, sizeOf(dims)));
  const headOffsets = offsetsOf(heads, strides);
  const farthest = size - 1 - period;
  for (let r = 0; r < window.rows; r++) {
    for (let c = 0; c < window.columns; c++) {
      // Beyond what was probed nothing is read: its farthest entries stand for all behind them.
      const distance = Math.min(Math.max(r - window.lag - (c - window.history), -farthest), farthest);
      const phase = floorMod(r, period);
      // The first query of this phase that has a key at this distance.
      const i = phase + period * Math.max(0, Math.ceil((distance - phase) / period));
      const from = i * reader.query + (i - distance) * reader.key;
      const to = r * (strides[rank - query] ?? 0) + c * (strides[rank - key] ?? 0);
      for (const [n, head] of headOffsets.entries()) {
        const source = (from + (reader.others[n] ?? 0)) * width;
        bytes.set(tensor.bytes.subarray(source, source + width), (to + head) * width);
      }
    }
  }
  return { dtype: tensor.dtype, dims, bytes };
}

function offsetsOf(extents: readonly number[], strides: readonly number[]): number[] {
  return extents.reduce<number[]>(
    (all, extent, axis) =>
      all.flatMap((o) => Array.from({ length: extent }, (_, k) => o + k * (strides[axis] ?? 0))),
    [0],
  );
}
