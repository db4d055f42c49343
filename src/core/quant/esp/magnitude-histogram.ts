import { layOut, memoryOf, simdKernels } from "../../base/simd/simd-kernels.ts";

/** Histograms up to this size have four counters for every bin: neighbours that fall into the same bin need not wait for each other. */
const MOST_SPREAD_BINS = 2 ** 15;
const LANES = 4;

/** Elements at a time in the vector kernels. */
const CHUNK = 4096;
const { at: PLACES, end: END } = layOut([5 * 16, CHUNK * 4, CHUNK * 4]);
const [CONSTANTS_AT = 0, VALUES_AT = 0, COUNTERS_AT = 0] = PLACES;

/** Below this, no product of a magnitude and the number of bins overflows. */
const MOST_VECTOR_REACH = 2 ** 100;

/**
 * Counts of |x| in `bins` equal bins of [0, reach], as `torch.histc` counts on a CPU: the position is computed in float32,
 * `reach` itself falls into the last bin, larger magnitudes are dropped. With reach 0 torch widens the range to [−1, 1] and
 * every zero lands in the middle. `bins` is a power of two. Source: PyTorch HistogramKernel.cpp, linear interpolation mode.
 */
export class MagnitudeHistogram {
  readonly reach: number;
  private readonly bins: number;
  private readonly lanes: number;
  /** `lanes` counters for every bin, and for what is dropped. */
  private readonly counters: Uint32Array;

  constructor(reach: number, bins: number) {
    this.reach = reach;
    this.bins = bins;
    this.lanes = bins <= MOST_SPREAD_BINS ? LANES : 1;
    this.counters = new Uint32Array((bins + 1) * this.lanes);
  }

  /** How many fell into each bin so far. */
  get counts(): Uint32Array {
    const { bins, lanes, counters } = this;
    if (lanes === 1) return counters.slice(0, bins);
    const counts = new Uint32Array(bins);
    for (let i = 0; i < bins * lanes; i++) {
      const bin = Math.floor(i / lanes);
      counts[bin] = (counts[bin] as number) + (counters[i] as number);
    }
    return counts;
  }

  add(values: Float32Array): void {
    const { bins, lanes, counters } = this;
    const limit = Math.fround(this.reach);
    if (limit === 0) {
      const middle = (bins / 2) * lanes;
      for (const x of values) if (x === 0) counters[middle] = (counters[middle] as number) + 1;
      return;
    }
    this.addOneByOne(values, this.addVectors(values, limit), limit);
  }

  /** As many values as whole vectors hold; none where there are no vector kernels. The integers are those of the plain loop. */
  private addVectors(values: Float32Array, limit: number): number {
    const kernels = limit < MOST_VECTOR_REACH ? simdKernels() : undefined;
    if (!kernels) return 0;
    const { bins, lanes, counters } = this;
    const { floats, integers } = memoryOf(kernels, END);
    const [constants, at, to] = [CONSTANTS_AT / 4, VALUES_AT / 4, COUNTERS_AT / 4];
    floats.fill(limit, constants, constants + 4);
    floats.fill(bins, constants + 4, constants + 8);
    integers.fill(bins - 1, constants + 8, constants + 12);
    integers.fill(bins, constants + 12, constants + 16);
    for (let lane = 0; lane < LANES; lane++) integers[constants + 16 + lane] = lanes === 1 ? 0 : lane;
    const whole = values.length - (values.length % LANES);
    for (let first = 0; first < whole; first += CHUNK) {
      const count = Math.min(CHUNK, whole - first);
      floats.set(values.subarray(first, first + count), at);
      kernels.magnitudeBins(VALUES_AT, COUNTERS_AT, count / LANES, CONSTANTS_AT, lanes === 1 ? 0 : 2);
      for (let i = to; i < to + count; i++) {
        const counter = integers[i] as number;
        counters[counter] = (counters[counter] as number) + 1;
      }
    }
    return whole;
  }

  private addOneByOne(values: Float32Array, first: number, limit: number): void {
    const { bins, lanes, counters } = this;
    const last = bins - 1;
    for (let i = first; i < values.length; i++) {
      const a = Math.abs(values[i] as number);
      if (!(a <= limit)) continue;
      // bins is a power of two, so a · bins is exact; the position is at most bins, which 32 bits hold.
      const position = Math.fround((a * bins) / limit) | 0;
      const counter = (position < bins ? position : last) * lanes;
      counters[counter] = (counters[counter] as number) + 1;
    }
  }
}
