import { defineApproximation } from "./approximation-rule.ts";
import { canReplace, replaceStatistic } from "./statistics.ts";
import { lastFrames } from "./time-statistic.ts";

/** One second of frames every 10 ms. */
const FRAMES = 100;

/** Statistics of the last frames. */
export const window = defineApproximation(
  "window",
  (refused) => (canReplace(refused, lastFrames(FRAMES)) ? { kind: "window", frames: FRAMES } : undefined),
  (refused, { frames }, out) => replaceStatistic(refused, lastFrames(frames), out),
);
