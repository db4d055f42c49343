import type { FeatureSettings } from "../plan/plan.ts";
import { framesOf, makeFramer } from "./framing.ts";
import { makeLogMel } from "./log-mel.ts";
import { makeDct } from "./mfcc.ts";
import { makeResampler, resampledCount } from "./resample.ts";
import { makeFrameSpectrum } from "./stft.ts";

/** Turns mono samples into feature frames, block by block, in bounded memory. */
export interface Extractor {
  /** Values per frame. */
  readonly width: number;
  /** The frames that this block completes, one after another (frames × width). */
  push(samples: Float32Array): Float32Array;
  /** The frames that the end completes; afterwards the extractor starts anew. */
  flush(): Float32Array;
}

/** Values per frame; 0 for `tensor`, whose frames are not computed. STFT frames hold all real parts, then all imaginary ones. */
export function frameWidth(settings: FeatureSettings): number {
  switch (settings.kind) {
    case "raw":
      return settings.hopSamples;
    case "logmel":
      return settings.melBands;
    case "mfcc":
      return settings.coefficients;
    case "stft":
      return 2 * (Math.floor(settings.fftSize / 2) + 1);
    case "tensor":
      return 0;
    default:
      throw new Error(`features ${settings.kind satisfies never}`);
  }
}

/** Frames that a clip of `samples` samples at `fromHz` becomes. */
export function frameCount(settings: FeatureSettings, samples: number, fromHz: number): number {
  return framesOf(resampledCount(samples, fromHz, settings.rateHz), framingOf(settings));
}

/**
 * An extractor for samples at `fromHz`, which are brought to the settings' rate first. Blocks of any size give the same
 * bits as the whole clip. The settings must have passed `checkFeatures`; `tensor` has no extractor (TypeError).
 */
export function makeExtractor(settings: FeatureSettings, fromHz: number): Extractor {
  const width = frameWidth(settings);
  const compute = makeFrameTransform(settings, width);
  const resampler = makeResampler(fromHz, settings.rateHz);
  const framer = makeFramer(framingOf(settings));
  const collect = (feed: (onFrame: (frame: Float32Array) => void) => void): Float32Array => {
    let out = new Float32Array(64 * width);
    let used = 0;
    feed((frame) => {
      if (used + width > out.length) {
        const grown = new Float32Array(2 * out.length);
        grown.set(out);
        out = grown;
      }
      compute(frame, out.subarray(used, used + width));
      used += width;
    });
    return out.slice(0, used);
  };
  return {
    width,
    push: (samples) => collect((onFrame) => framer.push(resampler.push(samples), onFrame)),
    flush: () =>
      collect((onFrame) => {
        framer.push(resampler.flush(), onFrame);
        framer.flush(onFrame);
      }),
  };
}

function framingOf(settings: FeatureSettings): Parameters<typeof makeFramer>[0] {
  const { kind, hopSamples } = settings;
  return kind === "raw" ? { windowSamples: hopSamples, hopSamples, center: false } : settings;
}

/** Writes the features of one frame of samples into `out` (`width` values). */
type FrameTransform = (frame: Float32Array, out: Float32Array) => void;

function makeFrameTransform(settings: FeatureSettings, width: number): FrameTransform {
  switch (settings.kind) {
    case "raw":
      return (frame, out) => out.set(frame);
    case "logmel": {
      const logMel = makeLogMel(settings);
      const values = new Float64Array(width);
      return (frame, out) => {
        logMel(frame, values);
        out.set(values);
      };
    }
    case "mfcc": {
      const logMel = makeLogMel(settings);
      const dct = makeDct(settings.melBands, width);
      const bands = new Float64Array(settings.melBands);
      const values = new Float64Array(width);
      return (frame, out) => {
        logMel(frame, bands);
        dct(bands, values);
        out.set(values);
      };
    }
    case "stft": {
      const spectrum = makeFrameSpectrum(settings);
      return (frame, out) => {
        spectrum.analyse(frame);
        out.set(spectrum.re);
        out.set(spectrum.im, spectrum.bins);
      };
    }
    case "tensor":
      throw new TypeError("ready-made tensors have no extractor");
    default:
      throw new Error(`features ${settings.kind satisfies never}`);
  }
}
