import { cos, sin } from "../base/elementary.ts";

/** Forward transform in place, X[k] = Σ x[n]·e^(−2πi·kn/size); no scaling. */
export interface ComplexFft {
  readonly size: number;
  transform(re: Float64Array, im: Float64Array): void;
}

/** A transform of any size: O(n log n) for all, fastest for powers of two. */
export function makeComplexFft(size: number): ComplexFft {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`FFT size ${size}`);
  return (size & (size - 1)) === 0 ? makePowerOfTwoFft(size) : makeBluesteinFft(size);
}

/** e^(−2πi·k/size) for k < count. */
function twiddles(size: number, count: number): { cosines: Float64Array; sines: Float64Array } {
  const cosines = new Float64Array(count);
  const sines = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const angle = (-2 * Math.PI * k) / size;
    cosines[k] = cos(angle);
    sines[k] = sin(angle);
  }
  return { cosines, sines };
}

function bitReversal(size: number): Uint32Array {
  const order = new Uint32Array(size);
  for (let i = 1; i < size; i++) order[i] = ((order[i >> 1] ?? 0) >> 1) | (i & 1 ? size >> 1 : 0);
  return order;
}

/** Cooley–Tukey, decimation in time. */
function makePowerOfTwoFft(size: number): ComplexFft {
  const { cosines, sines } = twiddles(size, size >> 1);
  const order = bitReversal(size);
  const transform = (re: Float64Array, im: Float64Array): void => {
    for (let i = 0; i < size; i++) {
      const j = order[i] as number;
      if (j <= i) continue;
      const r = re[i] as number;
      re[i] = re[j] as number;
      re[j] = r;
      const m = im[i] as number;
      im[i] = im[j] as number;
      im[j] = m;
    }
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const c = cosines[k * stride] as number;
          const s = sines[k * stride] as number;
          const a = start + k;
          const b = a + half;
          const br = re[b] as number;
          const bi = im[b] as number;
          const r = c * br - s * bi;
          const m = c * bi + s * br;
          const ar = re[a] as number;
          const ai = im[a] as number;
          re[b] = ar - r;
          im[b] = ai - m;
          re[a] = ar + r;
          im[a] = ai + m;
        }
      }
    }
  };
  return { size, transform };
}

/**
 * Bluestein: kn = (k² + n² − (k−n)²)/2 turns a transform of any size into a convolution with a chirp,
 * done by power-of-two transforms.
 */
function makeBluesteinFft(size: number): ComplexFft {
  let padded = 1;
  while (padded < 2 * size - 1) padded *= 2;
  const inner = makePowerOfTwoFft(padded);
  const { cosines, sines } = twiddles(2 * size, 2 * size);
  // k² modulo 2·size keeps the angle exact for large k.
  const at = (k: number): number => (k * k) % (2 * size);
  const chirpRe = Float64Array.from({ length: size }, (_, k) => cosines[at(k)] as number);
  const chirpIm = Float64Array.from({ length: size }, (_, k) => sines[at(k)] as number);
  const kernelRe = new Float64Array(padded);
  const kernelIm = new Float64Array(padded);
  for (let k = 0; k < size; k++) {
    for (const i of k === 0 ? [0] : [k, padded - k]) {
      kernelRe[i] = chirpRe[k] as number;
      kernelIm[i] = -(chirpIm[k] as number);
    }
  }
  inner.transform(kernelRe, kernelIm);
  const workRe = new Float64Array(padded);
  const workIm = new Float64Array(padded);
  const transform = (re: Float64Array, im: Float64Array): void => {
    workRe.fill(0);
    workIm.fill(0);
    multiplyInto(workRe, workIm, { re, im }, { re: chirpRe, im: chirpIm }, size);
    inner.transform(workRe, workIm);
    multiplyInto(workRe, workIm, { re: workRe, im: workIm }, { re: kernelRe, im: kernelIm }, padded);
    // The inverse transform is the forward one with real and imaginary parts exchanged.
    inner.transform(workIm, workRe);
    multiplyInto(re, im, { re: workRe, im: workIm }, { re: chirpRe, im: chirpIm }, size);
    for (let k = 0; k < size; k++) {
      re[k] = (re[k] as number) / padded;
      im[k] = (im[k] as number) / padded;
    }
  };
  return { size, transform };
}

interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

function multiplyInto(re: Float64Array, im: Float64Array, a: Complex, b: Complex, count: number): void {
  for (let i = 0; i < count; i++) {
    const ar = a.re[i] as number;
    const ai = a.im[i] as number;
    const br = b.re[i] as number;
    const bi = b.im[i] as number;
    re[i] = ar * br - ai * bi;
    im[i] = ar * bi + ai * br;
  }
}
