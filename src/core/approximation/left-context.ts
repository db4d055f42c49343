import { defineLimit } from "./approximation-rule.ts";

/** About a second of frames at 100 a second: what streaming recognisers train with. */
const DEFAULT_FRAMES = 100;

/**
 * Attention to the last frames, the frame itself included, where the file lets every frame look at all: a band takes the place of
 * the mask. Keys and values of the frames before are kept.
 */
export const leftContext = defineLimit(
  "leftContext",
  ({ reason }) =>
    reason === "fullAttention" || reason === "unboundedContext"
      ? { kind: "leftContext", frames: DEFAULT_FRAMES }
      : undefined,
  ({ frames }) => ({ left: frames - 1, right: 0 }),
);
