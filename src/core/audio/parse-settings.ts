import { named } from "../base/detail.ts";
import { fail } from "../base/problem.ts";
import type { FeatureSettings } from "../plan/plan.ts";

export interface FeatureChanges {
  /** Absent: the only input. */
  readonly input?: string;
  readonly changes: Partial<FeatureSettings>;
}

const CHOICES = {
  kind: ["raw", "logmel", "mfcc", "stft", "tensor"],
  window: ["hann", "sqrt-hann", "hamming", "rectangular"],
  mel: ["htk", "slaney"],
  power: ["1", "2"],
  center: ["true", "false"],
} as const;
const NUMBERS = [
  "rateHz",
  "hopSamples",
  "windowSamples",
  "fftSize",
  "melBands",
  "coefficients",
  "lowHz",
  "highHz",
  "floor",
] as const;
const KEYS: readonly string[] = [...Object.keys(CHOICES), ...NUMBERS];

/**
 * Reads "NAME:KEY=VALUE,KEY=VALUE…"; the keys are those of FeatureSettings, the name may be left out and may hold colons.
 * Throws `features.invalid` with the expected values.
 */
export function parseFeatureSettings(text: string): FeatureChanges {
  const equals = text.indexOf("=");
  const colon = text.lastIndexOf(":", equals < 0 ? text.length : equals);
  const changes: Record<string, string | number | boolean> = {};
  for (const pair of text.slice(colon + 1).split(",")) {
    const at = pair.indexOf("=");
    const key = (at < 0 ? pair : pair.slice(0, at)).trim();
    const value = at < 0 ? "" : pair.slice(at + 1).trim();
    if (!KEYS.includes(key))
      fail({ code: "features.invalid", key, value, expected: named(KEYS.join(" | ")) });
    if (key in changes) fail({ code: "features.invalid", key, value, expected: { code: "once" } });
    changes[key] = readValue(key, value);
  }
  const parsed: FeatureChanges = { changes };
  return colon < 0 ? parsed : { ...parsed, input: text.slice(0, colon) };
}

function readValue(key: string, value: string): string | number | boolean {
  if (isChoice(key)) {
    const choices: readonly string[] = CHOICES[key];
    if (!choices.includes(value)) {
      fail({ code: "features.invalid", key, value, expected: named(choices.join(" | ")) });
    }
    if (key === "power") return Number(value);
    return key === "center" ? value === "true" : value;
  }
  if (!/^\d+(\.\d+)?([eE][-+]?\d+)?$/.test(value)) {
    fail({ code: "features.invalid", key, value, expected: { code: "aNumber" } });
  }
  return Number(value);
}

function isChoice(key: string): key is keyof typeof CHOICES {
  return Object.hasOwn(CHOICES, key);
}

/**
 * Settings with changes made. A new rate keeps what is not mentioned at its length in seconds and its place in the band
 * (an STFT keeps its bins); a new kind keeps the rest.
 */
export function changeFeatures(base: FeatureSettings, changes: Partial<FeatureSettings>): FeatureSettings {
  const { rateHz } = changes;
  if (rateHz === undefined || rateHz === base.rateHz || !(rateHz > 0)) return { ...base, ...changes };
  const ratio = rateHz / base.rateHz;
  const highHz = base.highHz * ratio;
  if ((changes.kind ?? base.kind) === "stft" || (changes.kind ?? base.kind) === "raw") {
    return { ...base, highHz, ...changes };
  }
  const windowSamples = changes.windowSamples ?? Math.max(1, Math.floor(base.windowSamples * ratio + 0.5));
  const hopSamples = Math.max(1, Math.floor(base.hopSamples * ratio + 0.5));
  let { fftSize } = base;
  while (fftSize < windowSamples) fftSize *= 2;
  while (fftSize / 2 >= windowSamples && fftSize % 2 === 0) fftSize /= 2;
  return { ...base, highHz, hopSamples, windowSamples, fftSize, ...changes };
}
