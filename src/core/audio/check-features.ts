import { named } from "../base/detail.ts";
import { fail } from "../base/problem.ts";
import type { FeatureSettings } from "../plan/plan.ts";

/** Largest transform; 2^16 samples are four seconds at 16 kHz. */
const MAX_FFT = 65536;
const MAX_RATE_HZ = 768000;

/** Throws `features.invalid` for the first value that does not make sense with the others; fields that the kind does not read are not looked at. */
export function checkFeatures(settings: FeatureSettings): void {
  const { kind, rateHz, hopSamples, windowSamples, fftSize } = settings;
  const need = (holds: boolean, key: keyof FeatureSettings, expected: string): void => {
    if (!holds)
      fail({ code: "features.invalid", key, value: String(settings[key]), expected: named(expected) });
  };
  const whole = (key: keyof FeatureSettings, value: number, least: number, most: number): void =>
    need(Number.isInteger(value) && value >= least && value <= most, key, `${least}…${most}`);
  if (kind === "tensor") return;
  whole("rateHz", rateHz, 1, MAX_RATE_HZ);
  whole("hopSamples", hopSamples, 1, MAX_FFT);
  if (kind === "raw") return;
  whole("fftSize", fftSize, 2, MAX_FFT);
  whole("windowSamples", windowSamples, 1, fftSize);
  if (kind === "stft") return;
  const { melBands, coefficients, lowHz, highHz, floor } = settings;
  whole("melBands", melBands, 1, MAX_FFT);
  need(highHz > 0 && highHz <= rateHz / 2, "highHz", `0…${rateHz / 2}`);
  need(lowHz >= 0 && lowHz < highHz, "lowHz", `0…${highHz}`);
  // The logarithm of digital silence must stay finite.
  need(floor > 0, "floor", "> 0");
  if (kind === "mfcc") whole("coefficients", coefficients, 1, melBands);
}
