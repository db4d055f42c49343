import { floorMod } from "../base/floor-mod.ts";

/** A sliding window along time, as the offline operator sees it, on an input that lags by `delay` frames. */
export interface WindowGeometry {
  /** Effective kernel dilation·(k−1)+1. */
  readonly kernel: number;
  readonly stride: number;
  /** Padding before the first frame; negative for a crop. */
  readonly padStart: number;
  /** Frames by which the input lags offline. */
  readonly delay: number;
}

export interface WindowPlan {
  /** Frames in front of the chunk that the window needs; negative: the chunk's first frames are skipped. */
  readonly history: number;
  /** Frames at the end of history ‖ chunk that stay out of the window (over-padding only). */
  readonly extra: number;
  /** Frames to carry: history + extra. A negative number carries nothing and skips. */
  readonly carried: number;
  /** Frames by which the output lags offline. */
  readonly delayOut: number;
}

/**
 * The closed form of every windowed operator (reference: §5.2 of the theory). It is the only history in
 * [kernel − stride, kernel − 1] that yields chunk/stride frames per step at whole logical positions, so the alignment of
 * the stride's phase costs no frame of its own.
 */
export function windowedLaw({ kernel, stride, padStart, delay }: WindowGeometry): WindowPlan {
  const least = kernel - stride;
  const history = least + floorMod(padStart - delay - least, stride);
  const extra = Math.max(0, padStart - delay - history);
  const delayOut = Math.max(0, Math.ceil((delay + least - padStart) / stride));
  return { history, extra, carried: history + extra, delayOut: delayOut === 0 ? 0 : delayOut };
}
