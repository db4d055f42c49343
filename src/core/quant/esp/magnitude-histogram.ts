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
    const add = (i: number): void => {
      counts[i] = (counts[i] ?? 0) + 1;
    };
    if (reach === 0) {
      for (const x of values) if (x === 0) add(bins / 2);
      return;
    }
    const limit = Math.fround(reach);
    for (const x of values) {
      const a = Math.abs(x);
      if (!(a <= limit)) continue;
      // bins is a power of two, so a · bins is exact.
      const position = Math.trunc(Math.fround((a * bins) / limit));
      add(position === bins ? bins - 1 : position);
    }
  }
}
