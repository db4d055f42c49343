import { BIN_COUNT, type Statistic, type Statistics } from "./statistic.ts";

/** Exponent of the narrowest bins: the smallest float32 step, so that every float32 has a bin at any width. */
const NARROWEST_LOG2 = -149;
const HALF = BIN_COUNT / 2;
const HALF_LOG2 = 11;
/** Values per inner block: they stay in the first-level cache between its two sweeps. */
const BLOCK = 2048;

/** A statistic of no values; the neutral element of `mergeStatistics`. */
export function emptyStatistic(): Statistic {
  return {
    count: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    sum: 0,
    sumSquares: 0,
    nonFinite: 0,
    widthLog2: NARROWEST_LOG2,
    bins: new Float64Array(BIN_COUNT),
  };
}

/**
 * Accumulates one value's statistic in constant memory. The result does not depend on how the data is cut into
 * `add` calls; count, min, max, nonFinite and bins do not depend on its order either (sums do, in their last bits).
 */
export class Observer {
  private count = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;
  private sum = 0;
  private sumSquares = 0;
  private nonFinite = 0;
  private widthLog2 = NARROWEST_LOG2;
  private bins: Float64Array = new Float64Array(BIN_COUNT);

  /** Counts every finite element; NaN and ±Infinity only add to `nonFinite`. */
  add(values: Float32Array): void {
    for (let from = 0; from < values.length; from += BLOCK) {
      const block = values.subarray(from, Math.min(from + BLOCK, values.length));
      this.addFinite(this.measure(block) ? block : this.withoutNonFinite(block));
    }
  }

  /** A snapshot that later `add` calls do not change. */
  statistic(): Statistic {
    const { count, min, max, sum, sumSquares, nonFinite, widthLog2 } = this;
    // `+ 0` turns −0 into 0, whose sign would depend on the order of the data.
    return {
      count,
      min: min + 0,
      max: max + 0,
      sum,
      sumSquares,
      nonFinite,
      widthLog2,
      bins: this.bins.slice(),
    };
  }

  /** Adds moments and extremes of a block; leaves everything as it was and answers false if a value is not finite. */
  private measure(block: Float32Array): boolean {
    let { min, max, sum, sumSquares } = this;
    for (let i = 0; i < block.length; i++) {
      const x = block[i] as number;
      if (x < min) min = x;
      if (x > max) max = x;
      sum += x;
      sumSquares += x * x;
    }
    // Squares of finite float32 numbers cannot overflow float64 before 10^231 values.
    if (!(sumSquares < Number.POSITIVE_INFINITY)) return false;
    this.min = min;
    this.max = max;
    this.sum = sum;
    this.sumSquares = sumSquares;
    return true;
  }

  private withoutNonFinite(block: Float32Array): Float32Array {
    const finite = block.filter(Number.isFinite);
    this.nonFinite += block.length - finite.length;
    this.measure(finite);
    return finite;
  }

  private addFinite(block: Float32Array): void {
    this.count += block.length;
    if (block.length === 0) return;
    const needed = widthLog2Of(this.min, this.max);
    if (needed > this.widthLog2) {
      this.bins = widened(this.bins, needed - this.widthLog2);
      this.widthLog2 = needed;
    }
    const { bins } = this;
    const perWidth = 2 ** -this.widthLog2;
    for (let i = 0; i < block.length; i++) {
      // Exact: a float32 times a power of two within float64's range.
      const bin = Math.floor((block[i] as number) * perWidth) + HALF;
      bins[bin] = (bins[bin] as number) + 1;
    }
  }
}

/** The statistic of all values of one array. */
export function statisticOf(values: Float32Array): Statistic {
  const observer = new Observer();
  observer.add(values);
  return observer.statistic();
}

/** The statistic of a's data followed by b's; bins, counts and extremes are exact, in any order of merging. */
export function mergeStatistics(a: Statistic, b: Statistic): Statistic {
  const widthLog2 = Math.max(a.widthLog2, b.widthLog2);
  const bins = widened(a.bins, widthLog2 - a.widthLog2);
  const added = widened(b.bins, widthLog2 - b.widthLog2);
  for (let i = 0; i < BIN_COUNT; i++) bins[i] = (bins[i] as number) + (added[i] as number);
  return {
    count: a.count + b.count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    sum: a.sum + b.sum,
    sumSquares: a.sumSquares + b.sumSquares,
    nonFinite: a.nonFinite + b.nonFinite,
    widthLog2,
    bins,
  };
}

/** Statistics of two sets of clips, value by value; a value that only one side has keeps its statistic. */
export function mergeAll(a: Statistics, b: Statistics): Statistics {
  const merged = new Map(a);
  for (const [name, statistic] of b) {
    const other = merged.get(name);
    merged.set(name, other ? mergeStatistics(other, statistic) : statistic);
  }
  return merged;
}

/** Smallest w ≥ NARROWEST_LOG2 with −HALF·2^w ≤ min and max < HALF·2^w. */
function widthLog2Of(min: number, max: number): number {
  let log2 = NARROWEST_LOG2;
  if (max > 0) log2 = Math.max(log2, floorLog2(max) + 1 - HALF_LOG2);
  if (min < 0) {
    const floor = floorLog2(-min);
    // The lower edge belongs to its bin: −2^k needs no more room than the numbers above it.
    const ceil = -min === 2 ** floor ? floor : floor + 1;
    log2 = Math.max(log2, ceil - HALF_LOG2);
  }
  return log2;
}

const bits = new DataView(new ArrayBuffer(8));

/** Exponent of a positive float64 that is not subnormal in float64 (no float32 is). */
function floorLog2(x: number): number {
  bits.setFloat64(0, x);
  return ((bits.getUint16(0) >> 4) & 0x7ff) - 1023;
}

/** A copy of the bins after `doublings` pair-merges around zero. */
function widened(bins: Float64Array, doublings: number): Float64Array {
  const out = new Float64Array(BIN_COUNT);
  // Beyond 31 doublings every bin is next to zero already.
  const shift = Math.min(doublings, 31);
  for (let i = 0; i < BIN_COUNT; i++) {
    const to = ((i - HALF) >> shift) + HALF;
    out[to] = (out[to] as number) + (bins[i] as number);
  }
  return out;
}
