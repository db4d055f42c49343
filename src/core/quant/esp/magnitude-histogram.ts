/**
 * Counts of |x| in `bins` equal bins of [0, reach], as `torch.histc` counts on a CPU: the position is computed in float32,
 * `reach` itself falls into the last bin, larger magnitudes are dropped. With reach 0 torch widens the range to [−1, 1] and
 * every zero lands in the middle. Source: PyTorch HistogramKernel.cpp, linear interpolation mode.
 */
export class MagnitudeHistogram {
  readonly reach: number;
  readonly counts: Uint32Array;
  private readonly bins: number;

  constructor(reach: number, bins: number) {
    this.reach = reach;
    this.bins = bins;
    this.counts = new Uint32Array(bins);
  }

  add(values: Float32Array): void {
    const { reach, bins, counts } = this;
    const limit = Math.fround(reach);
    if (limit === 0) {
      const middle = bins / 2;
      for (const x of values) if (x === 0) counts[middle] = (counts[middle] as number) + 1;
      return;
    }
    const last = bins - 1;
    for (let i = 0; i < values.length; i++) {
      const a = Math.abs(values[i] as number);
      if (!(a <= limit)) continue;
      // bins is a power of two, so a · bins is exact; the position is at most bins, which 32 bits hold.
      const position = Math.fround((a * bins) / limit) | 0;
      const bin = position < bins ? position : last;
      counts[bin] = (counts[bin] as number) + 1;
    }
  }
}
