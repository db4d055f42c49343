import type { FeatureSettings } from "../plan/plan.ts";
import { makeComplexFft } from "./complex-fft.ts";
import { makeWindow } from "./window.ts";

/** Least sum of squared windows that is divided by: where the windows leave a gap there is nothing to bring back. */
const LEAST_WEIGHT = 1e-3;

/**
 * Samples of STFT frames (each all real parts, then all imaginary ones): windowed overlap-add divided by the sum of squared
 * windows, the least-squares inverse (Griffin and Lim 1984, eq. 6). Frames of a signal give the signal wherever windows overlap.
 * Sample 0 is the first sample of the analysed signal, also if frames were centred.
 */
export function overlapAdd(
  frames: Float32Array,
  settings: Pick<FeatureSettings, "windowSamples" | "hopSamples" | "fftSize" | "window" | "center">,
): Float32Array<ArrayBuffer> {
  const { windowSamples, hopSamples, fftSize, center } = settings;
  const bins = Math.floor(fftSize / 2) + 1;
  const count = frames.length / (2 * bins);
  const window = makeWindow(settings.window, windowSamples);
  const inverse = makeInverse(fftSize, bins);
  const length = count === 0 ? 0 : (count - 1) * hopSamples + windowSamples;
  const sum = new Float64Array(length);
  const weight = new Float64Array(length);
  for (let t = 0; t < count; t++) {
    const samples = inverse(frames, 2 * bins * t);
    const at = t * hopSamples;
    for (let i = 0; i < windowSamples; i++) {
      const w = window[i] as number;
      sum[at + i] = (sum[at + i] as number) + w * (samples[i] as number);
      weight[at + i] = (weight[at + i] as number) + w * w;
    }
  }
  const lead = center ? Math.floor(windowSamples / 2) : 0;
  const out = new Float32Array(Math.max(0, length - 2 * lead));
  for (let i = 0; i < out.length; i++) {
    const w = weight[i + lead] as number;
    out[i] = w < LEAST_WEIGHT ? 0 : (sum[i + lead] as number) / w;
  }
  return out;
}

/** x[n] = Re Σ conj(X[k])·e^(−2πi·kn/N) / N for the spectrum of a real signal: one forward transform. */
function makeInverse(size: number, bins: number): (frames: Float32Array, at: number) => Float64Array {
  const fft = makeComplexFft(size);
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  return (frames, at) => {
    for (let k = 0; k < bins; k++) {
      const r = (frames[at + k] as number) / size;
      const i = (frames[at + bins + k] as number) / size;
      re[k] = r;
      im[k] = -i;
      const mirrored = (size - k) % size;
      if (mirrored === k) continue;
      re[mirrored] = r;
      im[mirrored] = i;
    }
    fft.transform(re, im);
    return re;
  };
}
