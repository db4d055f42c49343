import { defineApproximation } from "./approximation-rule.ts";
import { canReplace, replaceStatistic } from "./statistics.ts";
import { RUNNING } from "./time-statistic.ts";

/** Statistics of all frames so far. At the last frame they are those of the whole. */
export const running = defineApproximation(
  "running",
  (refused) => (canReplace(refused, RUNNING) ? { kind: "running" } : undefined),
  (refused, _, out) => replaceStatistic(refused, RUNNING, out),
);
