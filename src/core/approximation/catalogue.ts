import type { Approximation } from "../plan/approximation.ts";
import type { ApproximationRule, RefusedNode } from "./approximation-rule.ts";
import { chunkedBackward } from "./chunked-backward.ts";
import { continuous } from "./continuous.ts";
import { ema } from "./ema.ts";
import { frozen } from "./frozen.ts";
import { leftContext } from "./left-context.ts";
import { running } from "./running.ts";
import { window } from "./window.ts";
import { windowExact } from "./window-exact.ts";
import { zeroPad } from "./zero-pad.ts";

/** Every approximation, in the order of preference. */
export const APPROXIMATION_RULES: readonly ApproximationRule[] = [
  continuous,
  running,
  window,
  ema,
  frozen,
  leftContext,
  chunkedBackward,
  zeroPad,
  windowExact,
];

/** What could stand in for a refused node, with default parameters, best first. */
export function offersFor(refused: RefusedNode): readonly Approximation[] {
  return APPROXIMATION_RULES.map((rule) => rule.propose(refused)).filter((a) => a !== undefined);
}
