import type { Range } from "./range.ts";
import type { CalibrationMethod, Scheme } from "./scheme.ts";
import { solveKl } from "./solve-kl.ts";
import { solveMinMax } from "./solve-minmax.ts";
import { solveMse } from "./solve-mse.ts";
import { solvePercentile } from "./solve-percentile.ts";
import type { Statistic } from "./statistic.ts";

/** Statistic → range of reals to represent. {0, 0} for an empty statistic. */
export type Solver = (statistic: Statistic, scheme: Scheme) => Range;

/** Every calibration method. All read the same statistic, so a change of method never runs the model again. */
export const solvers: Readonly<Record<CalibrationMethod, Solver>> = {
  kl: solveKl,
  minmax: solveMinMax,
  percentile: solvePercentile,
  mse: solveMse,
};

export function solve(statistic: Statistic, scheme: Scheme, method: CalibrationMethod): Range {
  return solvers[method](statistic, scheme);
}
