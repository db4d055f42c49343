import { log10 } from "../base/elementary.ts";
import { makeFrameSpectrum } from "./stft.ts";

export interface ClipMeasures {
  /** Largest magnitude. */
  readonly peak: number;
  /** Share of samples at full scale: 32767/32768 or more. */
  readonly clippedFraction: number;
  /** Share of 20 ms spans whose RMS is below −60 dB of full scale, over all channels. */
  readonly silentFraction: number;
}

const FULL_SCALE = 32767 / 32768;
const SILENT_MEAN_SQUARE = 1e-6;

/** Measures decoded audio; all zero for an empty clip. */
export function measureClip(channels: readonly Float32Array[], rateHz: number): ClipMeasures {
  let peak = 0;
  let clipped = 0;
  let samples = 0;
  let silent = 0;
  let spans = 0;
  const spanSamples = Math.max(1, Math.floor(rateHz / 50));
  for (const channel of channels) {
    samples += channel.length;
    for (let start = 0; start < channel.length; start += spanSamples) {
      const end = Math.min(start + spanSamples, channel.length);
      let squares = 0;
      for (let i = start; i < end; i++) {
        const x = Math.abs(channel[i] as number);
        if (x > peak) peak = x;
        if (x >= FULL_SCALE) clipped++;
        squares += x * x;
      }
      spans++;
      if (squares / (end - start) < SILENT_MEAN_SQUARE) silent++;
    }
  }
  return { peak, clippedFraction: clipped / (samples || 1), silentFraction: silent / (spans || 1) };
}

/** Minimum and maximum of each of `columns` equal parts, two values per column; zeros for an empty part. */
export function envelopeOf(samples: Float32Array, columns: number): Float32Array {
  const out = new Float32Array(2 * columns);
  for (let c = 0; c < columns; c++) {
    const from = Math.floor((c * samples.length) / columns);
    const to = Math.floor(((c + 1) * samples.length) / columns);
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    // A clip shorter than the picture repeats its samples.
    for (let i = from; i < Math.max(to, from + 1) && i < samples.length; i++) {
      const x = samples[i] as number;
      if (x < low) low = x;
      if (x > high) high = x;
    }
    if (low > high) continue;
    out[2 * c] = low;
    out[2 * c + 1] = high;
  }
  return out;
}

export interface Spectrogram {
  readonly frames: number;
  readonly bins: number;
  /** frames × bins; 0 = −100 dB or less, 255 = 0 dB, a sine of full scale. */
  readonly levels: Uint8Array;
}

const SPECTROGRAM_WINDOW = 512;
const FLOOR_DB = -100;
/** Transforms per column at most: a long clip is sampled, not read in full. */
const TRANSFORMS_PER_COLUMN = 4;

/** A picture of at most `columns` frames by 256 bins, Hann windows of 512 samples; the loudest of a column's windows counts. */
export function spectrogramOf(samples: Float32Array, columns: number): Spectrogram {
  const frames = Math.min(columns, Math.ceil(samples.length / (SPECTROGRAM_WINDOW / 4)));
  const bins = SPECTROGRAM_WINDOW / 2;
  const levels = new Uint8Array(frames * bins);
  const spectrum = makeFrameSpectrum({
    windowSamples: SPECTROGRAM_WINDOW,
    fftSize: SPECTROGRAM_WINDOW,
    window: "hann",
  });
  // A sine of amplitude 1 reaches half the sum of the window: a quarter of its length.
  const fullScale = (SPECTROGRAM_WINDOW / 4) ** 2;
  const window = new Float32Array(SPECTROGRAM_WINDOW);
  const columnSamples = samples.length / frames;
  const perColumn = Math.max(
    1,
    Math.min(TRANSFORMS_PER_COLUMN, Math.floor(columnSamples / (SPECTROGRAM_WINDOW / 2))),
  );
  const power = new Float64Array(bins);
  for (let f = 0; f < frames; f++) {
    power.fill(0);
    for (let i = 0; i < perColumn; i++) {
      const centre = Math.floor(columnSamples * (f + (i + 0.5) / perColumn));
      copyAround(samples, centre, window);
      spectrum.analyse(window);
      for (let k = 0; k < bins; k++) {
        const re = spectrum.re[k] as number;
        const im = spectrum.im[k] as number;
        power[k] = Math.max(power[k] as number, re * re + im * im);
      }
    }
    for (let k = 0; k < bins; k++) levels[f * bins + k] = levelOf((power[k] as number) / fullScale);
  }
  return { frames, bins, levels };
}

/** Samples around a centre, silence outside the clip. */
function copyAround(samples: Float32Array, centre: number, window: Float32Array): void {
  const start = centre - window.length / 2;
  for (let i = 0; i < window.length; i++) window[i] = samples[start + i] ?? 0;
}

function levelOf(power: number): number {
  if (power <= 1e-10) return 0;
  const db = 10 * log10(power);
  return Math.max(0, Math.min(255, Math.floor((255 * (db - FLOOR_DB)) / -FLOOR_DB + 0.5)));
}
