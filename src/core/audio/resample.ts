import { sin } from "../base/elementary.ts";
import { rational } from "../base/rational.ts";
import { kaiser } from "./kaiser.ts";

/** Zero crossings on each side, at the lower of the two rates. */
const CROSSINGS = 48;
/** Stop band at −100 dB (J. F. Kaiser: β = 0.1102·(A − 8.7)). */
const BETA = 10.06;
/** Cut-off over the lower Nyquist frequency: half a transition band, (A − 7.95)/(14.36·2·CROSSINGS), below it. */
const CUTOFF = 0.933;

/** Changes the rate of a stream of samples. Output sample m stands at the time of input sample m·from/to: no delay. */
export interface Resampler {
  /** The outputs that became computable; the block is not kept. */
  push(block: Float32Array): Float32Array;
  /** The rest, with silence after the end. Afterwards the resampler starts anew. */
  flush(): Float32Array;
}

/** Samples that `count` samples become: one for every output time before the end of the input. */
export function resampledCount(count: number, fromHz: number, toHz: number): number {
  const { num, den } = rational(toHz, fromHz);
  return Math.ceil((count * num) / den);
}

/**
 * Band-limited conversion between whole-numbered rates by a Kaiser-windowed sinc, one set of taps per phase.
 * Flat within 0.01 dB up to 0.86 of the lower Nyquist frequency; what lies above that Nyquist frequency is 95 dB down.
 * Blocks of any size give the same bits as the whole clip.
 */
export function makeResampler(fromHz: number, toHz: number): Resampler {
  const { num: up, den: down } = rational(toHz, fromHz);
  if (up === 1 && down === 1) {
    return { push: (block) => block.slice(), flush: () => new Float32Array() };
  }
  const scale = Math.min(1, up / down);
  const reach = Math.ceil(CROSSINGS / scale);
  const taps = makeTaps(up, scale, reach);
  // Input samples from index `first` on; those before the start are silence.
  let buffer = new Float32Array(reach - 1);
  let first = 1 - reach;
  let received = 0;
  let next = 0;
  const compute = (limit: number): Float32Array => {
    const end = first + buffer.length;
    // Output m reads inputs up to floor(m·down/up) + reach.
    const until = Math.min(limit, Math.max(next, Math.ceil(((end - reach) * up) / down)));
    const out = new Float32Array(until - next);
    for (let i = 0; i < out.length; i++, next++) {
      const position = next * down;
      const whole = Math.floor(position / up);
      const row = taps(position - whole * up);
      let at = whole - reach + 1 - first;
      let sum = 0;
      for (let k = 0; k < row.length; k++) sum += (row[k] as number) * (buffer[at++] as number);
      out[i] = sum;
    }
    const keep = Math.max(0, Math.floor((next * down) / up) - reach + 1 - first);
    buffer = buffer.slice(keep);
    first += Math.min(keep, end - first);
    return out;
  };
  const append = (block: Float32Array): void => {
    const joined = new Float32Array(buffer.length + block.length);
    joined.set(buffer);
    joined.set(block, buffer.length);
    buffer = joined;
  };
  return {
    push(block) {
      append(block);
      received += block.length;
      return compute(Number.POSITIVE_INFINITY);
    },
    flush() {
      append(new Float32Array(reach + 1));
      const out = compute(resampledCount(received, fromHz, toHz));
      buffer = new Float32Array(reach - 1);
      first = 1 - reach;
      received = 0;
      next = 0;
      return out;
    },
  };
}

/** The whole clip at another rate; `resampledCount` samples. */
export function resample(samples: Float32Array, fromHz: number, toHz: number): Float32Array {
  const resampler = makeResampler(fromHz, toHz);
  const head = resampler.push(samples);
  const tail = resampler.flush();
  const out = new Float32Array(head.length + tail.length);
  out.set(head);
  out.set(tail, head.length);
  return out;
}

/** Taps by phase, made when first needed: odd ratios have thousands of phases. Each row sums to 1. */
function makeTaps(phases: number, scale: number, reach: number): (phase: number) => Float64Array {
  const rows = new Map<number, Float64Array>();
  const cutoff = CUTOFF * scale;
  return (phase) => {
    const known = rows.get(phase);
    if (known) return known;
    const row = new Float64Array(2 * reach);
    let sum = 0;
    for (let k = 0; k < row.length; k++) {
      const distance = phase / phases - (k - reach + 1);
      const angle = Math.PI * cutoff * distance;
      const sinc = angle === 0 ? 1 : sin(angle) / angle;
      const weight = sinc * kaiser((distance * scale) / CROSSINGS, BETA);
      row[k] = weight;
      sum += weight;
    }
    for (let k = 0; k < row.length; k++) row[k] = (row[k] as number) / sum;
    rows.set(phase, row);
    return row;
  };
}
