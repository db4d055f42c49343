import type { RefusalReason } from "../base/problem.ts";
import type { Rational } from "../base/rational.ts";
import type { ApproximationKind } from "../plan/approximation.ts";

/** What the frames before the first true one hold; decides whether a padded window needs a mask. */
export type Junk =
  | { readonly kind: "none" }
  | { readonly kind: "const"; readonly value: number }
  | { readonly kind: "dirty" };

/** How faithful a streaming value is to its offline twin, or why it is not: a mark, a choice, or what stands in. */
export type Exactness =
  | { readonly kind: "exact" }
  | { readonly kind: "approximate"; readonly reason: "cacheRemoved" | "startIgnored" | ApproximationKind }
  | { readonly kind: "offlineOnly"; readonly reason: RefusalReason };

/**
 * What the converter knows of one value (reference: §5.1 of the theory).
 * - static: does not depend on time.
 * - stream: frames along `axis`; streaming frame p is offline frame p − delay.
 * - perStep: one value per step, equal to the offline value of the prefix that ends `delay` input-rate frames earlier.
 */
export type StreamFact =
  | { readonly kind: "static" }
  | {
      readonly kind: "stream";
      readonly axis: number;
      /** Frames of this value per frame of the model input. */
      readonly rate: Rational;
      /** Frames of this value by which streaming lags offline. */
      readonly delay: number;
      readonly junk: Junk;
      /** Receptive field in model-input frames, not counting the frame itself. */
      readonly field: { readonly past: number; readonly future: number };
      readonly exact: Exactness;
    }
  | {
      readonly kind: "perStep";
      /** Frames of the *source stream* at the cut to per-step values, and its rate. */
      readonly rate: Rational;
      readonly delay: number;
      /** Frames of the source stream that must exist before the first valid step. */
      readonly windowFrames: number;
      readonly field: { readonly past: number; readonly future: number };
      readonly exact: Exactness;
    };

export const NO_JUNK: Junk = { kind: "none" };
export const DIRTY: Junk = { kind: "dirty" };
export const EXACT: Exactness = { kind: "exact" };
