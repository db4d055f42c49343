import type { FeatureSettings } from "../plan/plan.ts";
import { makeMelBands } from "./mel.ts";

export interface InferredFeatures {
  readonly settings: FeatureSettings;
  /** The fields that the shape does not tell: conventions of speech models, to be confirmed. */
  readonly assumed: readonly (keyof FeatureSettings)[];
}

const RATE_HZ = 16000;
/** The usual front end of speech models: 25 ms windows every 10 ms, from 20 Hz to the Nyquist frequency. */
const BASE: FeatureSettings = {
  kind: "logmel",
  rateHz: RATE_HZ,
  hopSamples: 160,
  windowSamples: 400,
  fftSize: 512,
  window: "hann",
  melBands: 40,
  coefficients: 13,
  lowHz: 20,
  highHz: RATE_HZ / 2,
  mel: "htk",
  power: 2,
  floor: 1e-6,
  center: false,
};
const MEL_ASSUMED = [
  "kind",
  "rateHz",
  "hopSamples",
  "windowSamples",
  "fftSize",
  "window",
  "lowHz",
  "highHz",
  "mel",
  "power",
  "floor",
  "center",
] as const;
const MAX_FFT = 8192;

/**
 * The front end that a model input suggests: one value per frame is raw samples; an axis of 2 beside an odd number of bins,
 * or 2·(2^n + 1) values, is an STFT of those bins; any other single axis is log-mel of so many bands; the rest, and inputs
 * without a time axis, are ready-made tensors.
 */
export function inferFeatures(
  shape: readonly (number | string | null)[] | undefined,
  axis: number | undefined,
): InferredFeatures {
  if (!shape || axis === undefined) return { settings: { ...BASE, kind: "tensor" }, assumed: ["kind"] };
  const sizes = shape.filter((d, i): d is number => i !== axis && typeof d === "number" && d !== 1);
  const [first, second] = sizes;
  if (first === undefined) {
    return {
      settings: { ...BASE, kind: "raw", hopSamples: 1, windowSamples: 1 },
      assumed: ["kind", "rateHz"],
    };
  }
  if (sizes.length > 2) return { settings: { ...BASE, kind: "tensor" }, assumed: ["kind"] };
  if (second === undefined) {
    return isPowerOfTwo(first / 2 - 1) && first >= 66 ? stft(first / 2) : logMel(first);
  }
  const bins = second === 2 ? first : first === 2 ? second : 0;
  return bins % 2 === 1 ? stft(bins) : { settings: { ...BASE, kind: "tensor" }, assumed: ["kind"] };
}

function isPowerOfTwo(n: number): boolean {
  return Number.isInteger(n) && n > 0 && (n & (n - 1)) === 0;
}

/** Half-overlapping square-root Hann windows, which add up to one when analysis and synthesis both use them. */
function stft(bins: number): InferredFeatures {
  const fftSize = 2 * (bins - 1);
  return {
    settings: {
      ...BASE,
      kind: "stft",
      fftSize,
      windowSamples: fftSize,
      hopSamples: fftSize / 2,
      window: "sqrt-hann",
      center: true,
    },
    assumed: ["kind", "rateHz", "hopSamples", "windowSamples", "window", "center"],
  };
}

/** The transform is made long enough that every band has a bin of its own, up to 8,192. */
function logMel(melBands: number): InferredFeatures {
  const coefficients = Math.min(BASE.coefficients, melBands);
  let settings: FeatureSettings = { ...BASE, melBands, coefficients };
  while (settings.fftSize < MAX_FFT && makeMelBands(settings).some((b) => b.weights.length === 0)) {
    settings = { ...settings, fftSize: 2 * settings.fftSize };
  }
  return { settings, assumed: MEL_ASSUMED };
}
