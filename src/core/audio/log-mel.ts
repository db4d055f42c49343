import { log } from "../base/elementary.ts";
import type { FeatureSettings } from "../plan/plan.ts";
import { applyMelBands, makeMelBands } from "./mel.ts";
import { makeFrameSpectrum } from "./stft.ts";

/** Fills `out` with ln(floor + mel energy) of one frame, `melBands` values. */
export function makeLogMel(settings: FeatureSettings): (frame: Float32Array, out: Float64Array) => void {
  const spectrum = makeFrameSpectrum(settings);
  const bands = makeMelBands(settings);
  const power = new Float64Array(spectrum.bins);
  return (frame, out) => {
    spectrum.analyse(frame);
    for (let k = 0; k < spectrum.bins; k++) {
      const re = spectrum.re[k] as number;
      const im = spectrum.im[k] as number;
      const squared = re * re + im * im;
      power[k] = settings.power === 2 ? squared : Math.sqrt(squared);
    }
    applyMelBands(bands, power, out);
    for (let b = 0; b < bands.length; b++) out[b] = log((out[b] as number) + settings.floor);
  };
}
