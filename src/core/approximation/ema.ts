import { defineApproximation } from "./approximation-rule.ts";
import { canReplace, replaceStatistic } from "./statistics.ts";
import { forgetting } from "./time-statistic.ts";

/** Half a second of frames every 10 ms. */
const HALF_LIFE_FRAMES = 50;

/** Statistics that forget: they follow a signal that changes, in the memory of one frame. */
export const ema = defineApproximation(
  "ema",
  (refused) =>
    canReplace(refused, forgetting(HALF_LIFE_FRAMES))
      ? { kind: "ema", halfLifeFrames: HALF_LIFE_FRAMES }
      : undefined,
  (refused, { halfLifeFrames }, out) => replaceStatistic(refused, forgetting(halfLifeFrames), out),
);
