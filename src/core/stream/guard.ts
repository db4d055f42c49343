import { floorMod } from "../base/floor-mod.ts";
import type { Fill } from "./analysis.ts";
import { type WindowGeometry, type WindowPlan, windowedLaw } from "./windowed-law.ts";

/**
 * A reader that must see `fill` wherever its input holds frames from before the stream's first: offline pads there, and
 * what the stream holds instead is neither padding nor frame (reference: §5.3 of the theory). The warm-up policy says how.
 */
export interface Guard {
  readonly fill: Fill;
  /** Frames of padding that the reader sees in front of the first frame. */
  readonly padStart: number;
  /** Frames of the input, `wait` included, that are junk. */
  readonly junkFrames: number;
  /** Frames by which the reader's input is delayed so that its junk is whole steps (policy hold). */
  readonly wait: number;
  /** A state that junk would spoil for good: it is held under every policy. */
  readonly keepsState?: true;
}

/**
 * The windowed law behind a guard. With `framesPerStep` the reader can be held: its junk fills whole steps, and no true
 * frame comes out before they are over (history ≥ padStart). Both may cost delay.
 */
export function guardedLaw(
  geometry: WindowGeometry,
  fill: Fill,
  framesPerStep: number | undefined,
): { readonly law: WindowPlan; readonly guard: Guard } {
  const { delay, padStart, stride } = geometry;
  const wait = framesPerStep === undefined ? 0 : floorMod(-delay, framesPerStep);
  const junkFrames = delay + wait;
  const law = windowedLaw({ ...geometry, delay: junkFrames });
  const short = framesPerStep === undefined ? 0 : Math.max(0, padStart - law.carried);
  const later = Math.ceil(short / stride);
  return {
    law: {
      history: law.history,
      extra: law.extra + later * stride,
      carried: law.carried + later * stride,
      delayOut: law.delayOut + later,
    },
    guard: { fill, padStart, junkFrames, wait },
  };
}
