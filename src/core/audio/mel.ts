import { exp, log, log10, pow } from "../base/elementary.ts";
import type { FeatureSettings } from "../plan/plan.ts";

export type MelScale = FeatureSettings["mel"];

// Slaney's Auditory Toolbox: linear below 1 kHz (200/3 Hz per mel), 27 steps per factor of 6.4 above.
const SLANEY_HZ_PER_MEL = 200 / 3;
const SLANEY_BREAK_HZ = 1000;
const SLANEY_BREAK_MEL = SLANEY_BREAK_HZ / SLANEY_HZ_PER_MEL;
const SLANEY_STEP = log(6.4) / 27;

export function hzToMel(hz: number, scale: MelScale): number {
  if (scale === "htk") return 2595 * log10(1 + hz / 700);
  if (hz < SLANEY_BREAK_HZ) return hz / SLANEY_HZ_PER_MEL;
  return SLANEY_BREAK_MEL + log(hz / SLANEY_BREAK_HZ) / SLANEY_STEP;
}

export function melToHz(mel: number, scale: MelScale): number {
  if (scale === "htk") return 700 * (pow(10, mel / 2595) - 1);
  if (mel < SLANEY_BREAK_MEL) return mel * SLANEY_HZ_PER_MEL;
  return SLANEY_BREAK_HZ * exp((mel - SLANEY_BREAK_MEL) * SLANEY_STEP);
}

/** One triangular band: weights of the spectrum's bins from `firstBin` on; empty if no bin lies inside. */
export interface MelBand {
  readonly firstBin: number;
  readonly weights: Float64Array;
}

/**
 * Triangles between neighbouring points that are equally spaced in mel, linear in Hz. The HTK bank peaks at 1; the Slaney
 * bank has area 1 in Hz (2/width), as in librosa and torchaudio.
 */
export function makeMelBands(
  settings: Pick<FeatureSettings, "rateHz" | "fftSize" | "melBands" | "lowHz" | "highHz" | "mel">,
): readonly MelBand[] {
  const { rateHz, fftSize, melBands, lowHz, highHz, mel } = settings;
  const low = hzToMel(lowHz, mel);
  const high = hzToMel(highHz, mel);
  const edge = (i: number): number => melToHz(low + ((high - low) * i) / (melBands + 1), mel);
  const bins = Math.floor(fftSize / 2) + 1;
  return Array.from({ length: melBands }, (_, band) => {
    const [left, centre, right] = [edge(band), edge(band + 1), edge(band + 2)];
    const height = mel === "slaney" ? 2 / (right - left) : 1;
    let firstBin = 0;
    const weights: number[] = [];
    for (let bin = 0; bin < bins; bin++) {
      const hz = (bin * rateHz) / fftSize;
      const weight = Math.min((hz - left) / (centre - left), (right - hz) / (right - centre));
      if (weight <= 0) continue;
      if (weights.length === 0) firstBin = bin;
      weights.push(weight * height);
    }
    return { firstBin, weights: Float64Array.from(weights) };
  });
}

/** Weighted sums of a spectrum, one per band. */
export function applyMelBands(bands: readonly MelBand[], spectrum: Float64Array, out: Float64Array): void {
  bands.forEach(({ firstBin, weights }, band) => {
    let sum = 0;
    for (let i = 0; i < weights.length; i++) {
      sum += (weights[i] as number) * (spectrum[firstBin + i] as number);
    }
    out[band] = sum;
  });
}
