import { layOut, memoryOf, simdKernels } from "../../base/simd/simd-kernels.ts";
import type { Rounding } from "../../quant/scheme.ts";

/** What stays from run to run: 8-bit filters, and how their sums become 8 bits. */
export interface NarrowSums {
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

/** One run: `fill` writes every element of x. */
export type NarrowRows = (fill: (x: Int8Array) => void) => Int8Array;

/**
 * saturate(round((Σ x·w + bias) / 2^shift)) for rows of x times rows of weights; undefined where the vector kernels do not fit.
 * Equal to the plain loops, integer for integer.
 */
export function narrowDense(input: NarrowSums, rowCount: number, depth: number): NarrowRows | undefined {
  const requantization = requantizationOf(input, depth);
  const kernels = requantization && simdKernels();
  if (!kernels) return undefined;
  const { outputs } = input;
  const { scales, shift, half, odd, low } = requantization;
  const filters = bytesOf(pairedFilters(input.weights, scales, depth));
  const rowGroups = Math.ceil(rowCount / 4);
  const filterGroups = Math.ceil(outputs / 8);
  const wide = filterGroups * 8;
  const rows = rowGroups * 4;
  const biases = bytesOf(scaledBias(input, scales, wide));
  const places = layOut([rows * depth, filters.length, biases.length, rows * wide * 4, rows * wide]);
  const { xAt, filtersAt, biasAt, sumsAt, outAt } = named(places.at);
  const pairs = Math.ceil(depth / 2);
  return (fill) => {
    const { bytes: memory } = memoryOf(kernels, places.end);
    memory.set(filters, filtersAt);
    memory.set(biases, biasAt);
    fill(memory.subarray(xAt, xAt + rowCount * depth));
    kernels.denseSums(xAt, filtersAt, biasAt, sumsAt, rowGroups, filterGroups, pairs, depth);
    kernels.requantize(sumsAt, outAt, rows * filterGroups, shift, half, odd, low);
    return outputs === wide
      ? memory.slice(outAt, outAt + rowCount * outputs)
      : compact(memory.subarray(outAt, outAt + rows * wide), rowCount, outputs, wide);
  };
}

function named([xAt = 0, filtersAt = 0, biasAt = 0, sumsAt = 0, outAt = 0]: readonly number[]) {
  return { xAt, filtersAt, biasAt, sumsAt, outAt };
}

function bytesOf(table: Int16Array | Int32Array): Int8Array {
  return new Int8Array(table.buffer, table.byteOffset, table.byteLength);
}

/** Biases in the unit of the scaled sums, zeros behind them. */
function scaledBias({ bias }: NarrowSums, scales: readonly number[], wide: number): Int32Array {
  const into = new Int32Array(wide);
  if (bias)
    for (const [o, scale] of scales.entries()) into[o] = (bias[bias.length === 1 ? 0 : o] ?? 0) * scale;
  return into;
}

function compact(wide: Int8Array, rows: number, columns: number, stride: number): Int8Array {
  const out = new Int8Array(rows * columns);
  for (let r = 0; r < rows; r++) out.set(wide.subarray(r * stride, r * stride + columns), r * columns);
  return out;
}

/** Tables of the last scales that the weights met: trials of exponents prepare the same filters again and again. */
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
  { elements, places }: { readonly elements: number; readonly places: number },
  runs: () => readonly TapRun[],
): NarrowRows | undefined {
  const { weights, outputs } = input;
  const requantization = requantizationOf(input, weights.length / outputs);
  const kernels = outputs % 8 === 0 && requantization && simdKernels();
  if (!kernels) return undefined;
  const { scales, shift, half, odd, low } = requantization;
  const count = places * outputs;
  const factors = bytesOf(scaledTaps(weights, scales));
  const biases = bytesOf(scaledBias(input, scales, outputs));
  const layout = layOut([elements, factors.length, count * 4, count]);
  const [xAt = 0, factorsAt = 0, sumsAt = 0, outAt = 0] = layout.at;
  const taps = runs().filter((run) => run.places > 0);
  return (fill) => {
    const { bytes: memory } = memoryOf(kernels, layout.end);
    memory.set(factors, factorsAt);
    memory.set(biases, sumsAt);
    const sumsEnd = sumsAt + count * 4;
    for (let filled = biases.length; filled < count * 4; filled *= 2)
      memory.copyWithin(sumsAt + filled, sumsAt, Math.min(sumsAt + filled, sumsEnd - filled));
    fill(memory.subarray(xAt, xAt + elements));
    for (const { tap, from, step, firstPlace, places: reached } of taps)
      kernels.addTap(
        xAt + from,
        factorsAt + 2 * tap * outputs,
        sumsAt + 4 * firstPlace * outputs,
        reached,
        outputs / 8,
        step,
      );
    kernels.requantize(sumsAt, outAt, count / 8, shift, half, odd, low);
    return memory.slice(outAt, outAt + count);
  };
}
