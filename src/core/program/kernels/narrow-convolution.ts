import type { Rounding } from "../../quant/scheme.ts";
import { placed, simdKernels } from "../simd/simd-kernels.ts";

/** Products of 8-bit operands with one shift for all outputs, as the vector kernels compute them. */
export interface NarrowSums {
  readonly x: Int8Array;
  readonly weights: Int8Array;
  readonly outputs: number;
  readonly bias: Float64Array | undefined;
  readonly shifts: readonly number[];
  readonly relu: boolean;
  readonly rounding: Rounding;
}

/** Sums stay below this, with room for the half that rounding adds. */
const MOST_SUM = 2 ** 30;
const MOST_SHIFT = 29;
/** An int8 filter times 2^8 still fits into 16 bits. */
const MOST_SPREAD = 8;

interface Requantization {
  /** Per output: shifts that differ become one shift of sums scaled by powers of two. */
  readonly scales: readonly number[];
  readonly shift: number;
  readonly half: number;
  readonly odd: number;
  readonly low: number;
}

/** Whether 32 bits are enough for every step, and the constants that round as the target does. */
function requantizationOf(
  { bias, shifts, outputs, relu, rounding }: NarrowSums,
  depth: number,
): Requantization | undefined {
  const shift = Math.max(...shifts);
  const spread = shift - Math.min(...shifts);
  const largest = bias?.reduce((most, b) => Math.max(most, Math.abs(b)), 0) ?? 0;
  const fits = shift >= 1 && shift <= MOST_SHIFT && spread <= MOST_SPREAD && rounding !== "half-away";
  if (!fits || !((depth * 2 ** 14 + largest) * 2 ** spread < MOST_SUM)) return undefined;
  const odd = rounding === "half-even" ? 1 : 0;
  const scales = Array.from({ length: outputs }, (_, o) => 2 ** (shift - (shifts[o] ?? shifts[0] ?? 0)));
  return { scales, shift, half: 2 ** (shift - 1) - odd, odd, low: relu ? 0 : -128 };
}

/**
 * saturate(round((Σ x·w + bias) / 2^shift)) for rows of x times rows of weights; undefined where the vector kernels do not fit.
 * Equal to the plain loops, integer for integer.
 */
export function narrowDense(input: NarrowSums, rowCount: number, depth: number): Int8Array | undefined {
  const requantization = requantizationOf(input, depth);
  const kernels = requantization && simdKernels();
  if (!kernels) return undefined;
  const { x, weights, outputs, bias } = input;
  const rowGroups = Math.ceil(rowCount / 4);
  const filterGroups = Math.ceil(outputs / 8);
  const filters = pairedFilters(weights, requantization.scales, depth);
  const wide = filterGroups * 8;
  const rows = rowGroups * 4;
  const { at, buffer } = placed(kernels, [
    rows * depth,
    filters.byteLength,
    wide * 4,
    rows * wide * 4,
    rows * wide,
  ]);
  const [xAt = 0, filtersAt = 0, biasAt = 0, sumsAt = 0, outAt = 0] = at;
  new Int8Array(buffer, xAt).set(x.subarray(0, rowCount * depth));
  new Int16Array(buffer, filtersAt).set(filters);
  writeBias(new Int32Array(buffer, biasAt, wide), bias, requantization.scales);
  kernels.denseSums(xAt, filtersAt, biasAt, sumsAt, rowGroups, filterGroups, Math.ceil(depth / 2), depth);
  const { shift, half, odd, low } = requantization;
  kernels.requantize(sumsAt, outAt, rows * filterGroups, shift, half, odd, low);
  return compact(new Int8Array(buffer, outAt, rows * wide), rowCount, outputs, wide);
}

function writeBias(into: Int32Array, bias: Float64Array | undefined, scales: readonly number[]): void {
  into.fill(0);
  if (bias)
    for (const [o, scale] of scales.entries()) into[o] = (bias[bias.length === 1 ? 0 : o] ?? 0) * scale;
}

function compact(wide: Int8Array, rows: number, columns: number, stride: number): Int8Array {
  if (columns === stride) return wide.slice(0, rows * columns);
  const out = new Int8Array(rows * columns);
  for (let r = 0; r < rows; r++) out.set(wide.subarray(r * stride, r * stride + columns), r * columns);
  return out;
}

/** Tables of the last scales that the weights met. */
interface Prepared {
  readonly key: string;
  readonly table: Int16Array;
}
const PAIRED = new WeakMap<Int8Array, Prepared>();
const SCALED = new WeakMap<Int8Array, Prepared>();

function remembered(
  tables: WeakMap<Int8Array, Prepared>,
  weights: Int8Array,
  scales: readonly number[],
  make: () => Int16Array,
): Int16Array {
  const key = scales.join();
  const before = tables.get(weights);
  if (before?.key === key) return before.table;
  const table = make();
  tables.set(weights, { key, table });
  return table;
}

/** Eight filters at a time, pair by pair of depth: what one step of the dense kernel reads lies together. */
function pairedFilters(weights: Int8Array, scales: readonly number[], depth: number): Int16Array {
  return remembered(PAIRED, weights, scales, () => {
    const pairs = Math.ceil(depth / 2);
    const out = new Int16Array(Math.ceil(scales.length / 8) * pairs * 16);
    for (const [o, scale] of scales.entries())
      for (let i = 0; i < depth; i++) {
        const group = Math.floor(o / 8) * pairs + (i >> 1);
        out[(group * 8 + (o % 8)) * 2 + (i & 1)] = (weights[o * depth + i] as number) * scale;
      }
    return out;
  });
}

/** Weights [taps, channels], scaled. */
function scaledTaps(weights: Int8Array, scales: readonly number[]): Int16Array {
  return remembered(SCALED, weights, scales, () =>
    Int16Array.from(weights, (w, i) => w * (scales[i % scales.length] ?? 1)),
  );
}

/** Places in a row that one tap of a depthwise window reaches. */
export interface TapRun {
  readonly tap: number;
  /** Element of x where the first place's channels begin, and elements from place to place. */
  readonly from: number;
  readonly step: number;
  readonly firstPlace: number;
  readonly places: number;
}

/** The same for a filter of its own for every channel: x and sums [places, channels], weights [taps, channels]. */
export function narrowDepthwise(
  input: NarrowSums,
  places: number,
  runs: () => readonly TapRun[],
): Int8Array | undefined {
  const { x, weights, outputs, bias } = input;
  const requantization = requantizationOf(input, weights.length / outputs);
  const kernels = outputs % 8 === 0 && requantization && simdKernels();
  if (!kernels) return undefined;
  const count = places * outputs;
  const { at, buffer } = placed(kernels, [x.length, weights.length * 2, count * 4, count]);
  const [xAt = 0, weightsAt = 0, sumsAt = 0, outAt = 0] = at;
  new Int8Array(buffer, xAt).set(x);
  new Int16Array(buffer, weightsAt).set(scaledTaps(weights, requantization.scales));
  const sums = new Int32Array(buffer, sumsAt, count);
  writeBias(sums.subarray(0, outputs), bias, requantization.scales);
  for (let filled = outputs; filled < count; filled *= 2) sums.copyWithin(filled, 0, filled);
  for (const { tap, from, step, firstPlace, places: reached } of runs())
    if (reached > 0)
      kernels.addTap(
        xAt + from,
        weightsAt + 2 * tap * outputs,
        sumsAt + 4 * firstPlace * outputs,
        reached,
        outputs / 8,
        step,
      );
  const { shift, half, odd, low } = requantization;
  kernels.requantize(sumsAt, outAt, count / 8, shift, half, odd, low);
  return new Int8Array(buffer, outAt, count).slice();
}
