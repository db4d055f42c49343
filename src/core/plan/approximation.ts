/**
 * What stands in for a node that cannot stream exactly. Every kind is labelled wherever its results are shown.
 * - running: statistics of all frames so far.
 * - window: statistics of the last `frames` frames.
 * - ema: statistics that forget; a frame counts half after `halfLifeFrames` frames.
 * - frozen: statistics measured on clips; numbers as the node's own statistics lie in memory.
 * - continuous: convolutions stream, the node sees the last frames of what they give: as many as its file has.
 * - windowExact: the whole model on the last `frames` input frames, again at every step.
 * - zeroPad: zeros where the file pads with frames that are still to come.
 * - leftContext: attention to the last `frames` frames.
 * - chunkedBackward: the backward direction runs over blocks, each with some frames more ahead.
 */
export type Approximation =
  | { readonly kind: "running" }
  | { readonly kind: "window"; readonly frames: number }
  | { readonly kind: "ema"; readonly halfLifeFrames: number }
  | { readonly kind: "frozen"; readonly mean: readonly number[]; readonly variance?: readonly number[] }
  | { readonly kind: "continuous" }
  | { readonly kind: "windowExact"; readonly frames: number }
  | { readonly kind: "zeroPad" }
  | { readonly kind: "leftContext"; readonly frames: number }
  | {
      readonly kind: "chunkedBackward";
      readonly blockFrames: number;
      readonly lookAheadFrames: number;
    };

export type ApproximationKind = Approximation["kind"];

export const APPROXIMATION_KINDS = [
  "running",
  "window",
  "ema",
  "frozen",
  "continuous",
  "windowExact",
  "zeroPad",
  "leftContext",
  "chunkedBackward",
] as const satisfies readonly ApproximationKind[];

/** Node key → what stands in for the node. */
export type Approximations = Readonly<Record<string, Approximation>>;
