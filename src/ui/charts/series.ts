/** Our own series type: equal-length columns over a shared x. */
export interface Point {
  readonly x: number;
  readonly [series: string]: number;
}

/** Keeps the largest magnitude of each bucket, so that a peak of one frame stays visible. */
export function decimate(values: Float32Array, points: number): Float32Array {
  if (values.length <= points) return values;
  const out = new Float32Array(points);
  for (let p = 0; p < points; p++) {
    const from = Math.floor((p * values.length) / points);
    const to = Math.max(from + 1, Math.floor(((p + 1) * values.length) / points));
    let best = 0;
    for (let i = from; i < to; i++) {
      const v = values[i] ?? 0;
      if (Math.abs(v) >= Math.abs(best)) best = v;
    }
    out[p] = best;
  }
  return out;
}

/** Points of an error trace: x in seconds (or frames), the reference's level and the error. At most `points`. */
export function tracePoints(
  trace: { readonly level: Float32Array; readonly error: Float32Array; readonly framesPerPoint: number },
  framesPerX: number,
  points = 500,
): readonly Point[] {
  const level = decimate(trace.level, points);
  const error = decimate(trace.error, points);
  const stretch = trace.error.length / Math.max(1, error.length);
  return Array.from(error, (e, i) => ({
    x: (i * stretch * trace.framesPerPoint) / framesPerX,
    level: level[i] ?? 0,
    error: e,
  }));
}

/** A histogram as an outline: bins merged into at most `points` equal steps over the data's own range, closed with zero. */
export function histogramPoints(
  statistic: { readonly bins: Float64Array; readonly widthLog2: number },
  points = 160,
): readonly Point[] {
  const { bins } = statistic;
  const unit = 2 ** statistic.widthLog2;
  const zero = bins.length / 2;
  let from = 0;
  while (from < bins.length - 1 && bins[from] === 0) from++;
  let to = bins.length;
  while (to > from + 1 && bins[to - 1] === 0) to--;
  const perStep = Math.max(1, Math.ceil((to - from) / points));
  const outline: Point[] = [];
  let start = from;
  for (; start < to; start += perStep) {
    let count = 0;
    for (let i = start; i < Math.min(to, start + perStep); i++) count += bins[i] ?? 0;
    outline.push({ x: (start - zero) * unit, count });
  }
  outline.push({ x: (start - zero) * unit, count: 0 });
  return outline;
}
