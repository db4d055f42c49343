import { log10 } from "../base/elementary.ts";

/** Errors of one value, over all compared frames. */
export interface ErrorSummary {
  readonly value: string;
  readonly node?: string;
  readonly maxAbs: number;
  /** maxAbs divided by the reference's range (max − min over all frames; its magnitude if it is constant). */
  readonly maxRelative: number;
  readonly rms: number;
  /** 10·log10(Σf²/Σ(f−q)²); +Infinity when equal. */
  readonly sqnrDb: number;
  readonly cosine: number;
  /** First frame whose error exceeds the tolerance; −1 if none. */
  readonly firstBadFrame: number;
  readonly frames: number;
}

/** Error over time, thinned to at most ~1,000 points: maximum of each bucket of frames. */
export interface ErrorTrace {
  readonly value: string;
  readonly framesPerPoint: number;
  /** Reference RMS and maximum absolute error per point. */
  readonly level: Float32Array;
  readonly error: Float32Array;
}

/** Where the frames are in a tensor's elements. */
export interface FrameLayout {
  readonly dims: readonly number[];
  /** Absent: the whole tensor is one frame. */
  readonly axis?: number;
}

type Samples = Float32Array | Float64Array;

const MAX_POINTS = 1000;

/**
 * Compares a value with its reference as frames arrive, in memory that does not grow with their number (but for one
 * record per new worst frame). A difference that involves NaN or infinity on one side only is an infinite error.
 */
export class ErrorMeter {
  private frames = 0;
  private elements = 0;
  private maxAbs = 0;
  private newest = 0;
  private low = Number.POSITIVE_INFINITY;
  private high = Number.NEGATIVE_INFINITY;
  private sumReference = 0;
  private sumActual = 0;
  private sumProduct = 0;
  private sumError = 0;
  /** Frames that were worse than all before, so that the first frame above any tolerance can be told. */
  private records: { frame: number; error: number }[] = [];
  private framesPerPoint = 1;
  private points: { error: number; energy: number; elements: number }[] = [];

  /** Adds consecutive frames. Both arrays have the layout's elements. */
  add(reference: Samples, actual: Samples, layout: FrameLayout): void {
    if (reference.length !== actual.length)
      throw new Error(`${reference.length} ≠ ${actual.length} elements`);
    if (reference.length === 0) return;
    const frames = layout.axis === undefined ? 1 : (layout.dims[layout.axis] ?? 1);
    const inner = layout.dims.slice((layout.axis ?? layout.dims.length) + 1).reduce((n, d) => n * d, 1);
    const run = layout.axis === undefined ? reference.length : inner;
    const { errors, energies } = this.measure(reference, actual, frames, run);
    const perFrame = reference.length / frames;
    this.elements += reference.length;
    for (let frame = 0; frame < frames; frame++) {
      this.addFrame(errors[frame] as number, energies[frame] as number, perFrame);
    }
  }

  /** Largest error and reference energy of each frame; adds to the sums. Frames alternate every `run` elements. */
  private measure(reference: Samples, actual: Samples, frames: number, run: number) {
    const errors = new Float64Array(frames);
    const energies = new Float64Array(frames);
    let { low, high, sumReference, sumActual, sumProduct, sumError } = this;
    for (let from = 0, frame = 0; from < reference.length; from += run) {
      let error = errors[frame] as number;
      let energy = 0;
      for (let i = from; i < from + run; i++) {
        const f = reference[i] as number;
        const q = actual[i] as number;
        const difference = Math.abs(f - q);
        if (difference < Number.POSITIVE_INFINITY) {
          if (difference > error) error = difference;
          if (f < low) low = f;
          if (f > high) high = f;
          energy += f * f;
          sumActual += q * q;
          sumProduct += f * q;
          sumError += difference * difference;
        } else if (!Object.is(f, q)) {
          error = Number.POSITIVE_INFINITY;
          sumError = Number.POSITIVE_INFINITY;
        }
      }
      errors[frame] = error;
      energies[frame] = (energies[frame] as number) + energy;
      sumReference += energy;
      frame = frame + 1 === frames ? 0 : frame + 1;
    }
    Object.assign(this, { low, high, sumReference, sumActual, sumProduct, sumError });
    return { errors, energies };
  }

  private addFrame(error: number, energy: number, elements: number): void {
    this.newest = error;
    if (error > this.maxAbs) {
      this.maxAbs = error;
      this.records.push({ frame: this.frames, error });
    }
    this.addPoint(Math.floor(this.frames / this.framesPerPoint), { error, energy, elements });
    this.frames++;
    this.thin();
  }

  private addPoint(at: number, added: { error: number; energy: number; elements: number }): void {
    const point = this.points[at];
    this.points[at] = point
      ? {
          error: Math.max(point.error, added.error),
          energy: point.energy + added.energy,
          elements: point.elements + added.elements,
        }
      : added;
  }

  private thin(): void {
    while (this.points.length > MAX_POINTS) this.coarsen();
  }

  private coarsen(): void {
    const old = this.points;
    this.points = [];
    this.framesPerPoint *= 2;
    for (const [i, point] of old.entries()) this.addPoint(i >> 1, point);
  }

  /**
   * Appends another meter's frames after this one's. Sums and extremes add up; in the trace, a point of `other` goes
   * to the bucket of its first frame.
   */
  append(other: ErrorMeter): void {
    for (const { frame, error } of other.records) {
      if (error <= this.maxAbs) continue;
      this.maxAbs = error;
      this.records.push({ frame: this.frames + frame, error });
    }
    while (this.framesPerPoint < other.framesPerPoint) this.coarsen();
    for (const [i, point] of other.points.entries()) {
      this.addPoint(Math.floor((this.frames + i * other.framesPerPoint) / this.framesPerPoint), point);
    }
    this.newest = other.newest;
    this.frames += other.frames;
    this.elements += other.elements;
    this.low = Math.min(this.low, other.low);
    this.high = Math.max(this.high, other.high);
    this.sumReference += other.sumReference;
    this.sumActual += other.sumActual;
    this.sumProduct += other.sumProduct;
    this.sumError += other.sumError;
    this.thin();
  }

  /** The frame with the largest error; −1 if there is no error. */
  get worstFrame(): number {
    return this.records.at(-1)?.frame ?? -1;
  }

  /** Largest error of the newest frame. */
  get lastError(): number {
    return this.newest;
  }

  /** `tolerance` is relative to the reference's range; it decides `firstBadFrame` only. */
  summary(value: string, tolerance = 0, node?: string): ErrorSummary {
    const scale = this.referenceScale();
    const bad = this.records.find((r) => r.error > tolerance * scale);
    const norm = Math.sqrt(this.sumReference) * Math.sqrt(this.sumActual);
    return {
      value,
      ...(node === undefined ? {} : { node }),
      maxAbs: this.maxAbs,
      maxRelative: this.maxAbs === 0 ? 0 : this.maxAbs / scale,
      rms: this.elements === 0 ? 0 : Math.sqrt(this.sumError / this.elements),
      sqnrDb: this.sumError === 0 ? Number.POSITIVE_INFINITY : 10 * log10(this.sumReference / this.sumError),
      cosine: norm === 0 ? (this.sumReference === this.sumActual ? 1 : 0) : this.sumProduct / norm,
      firstBadFrame: bad?.frame ?? -1,
      frames: this.frames,
    };
  }

  trace(value: string): ErrorTrace {
    return {
      value,
      framesPerPoint: this.framesPerPoint,
      level: Float32Array.from(this.points, (p) => Math.sqrt(p.energy / p.elements)),
      error: Float32Array.from(this.points, (p) => p.error),
    };
  }

  /** Largest magnitude of the reference. */
  protected get magnitude(): number {
    return this.high < this.low ? 0 : Math.max(Math.abs(this.low), Math.abs(this.high));
  }

  /** What relative errors are relative to. */
  protected referenceScale(): number {
    if (this.high < this.low) return 0;
    return this.high > this.low ? this.high - this.low : Math.abs(this.high);
  }
}
