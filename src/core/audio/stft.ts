import type { FeatureSettings } from "../plan/plan.ts";
import { makeRealFft } from "./fft.ts";
import { makeWindow } from "./window.ts";

/** Spectrum of one frame of `windowSamples` samples. The arrays are overwritten by the next frame. */
export interface FrameSpectrum {
  readonly bins: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
  analyse(frame: Float32Array): void;
}

/** Windowed transform of single frames: the window stands at the start of the transform, zeros fill up to `fftSize`. */
export function makeFrameSpectrum(
  settings: Pick<FeatureSettings, "windowSamples" | "fftSize" | "window">,
): FrameSpectrum {
  const window = makeWindow(settings.window, settings.windowSamples);
  const fft = makeRealFft(settings.fftSize);
  const samples = new Float64Array(settings.fftSize);
  const re = new Float64Array(fft.bins);
  const im = new Float64Array(fft.bins);
  const analyse = (frame: Float32Array): void => {
    for (let i = 0; i < window.length; i++) samples[i] = (window[i] as number) * (frame[i] as number);
    fft.transform(samples, re, im);
  };
  return { bins: fft.bins, re, im, analyse };
}
