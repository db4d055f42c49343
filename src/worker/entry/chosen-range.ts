import { solve } from "../../core/quant/solvers.ts";
import { activationScheme, targetById } from "../../core/targets/catalogue.ts";
import type { ChosenRange, RangeQuestion } from "../protocol.ts";

/** The range that a method keeps of one value's activations, and the share of the values that it clips. */
export function chosenRange({ statistic, target, method }: RangeQuestion): ChosenRange {
  const { low, high } = solve(statistic, activationScheme(targetById(target)), method);
  const unit = 2 ** statistic.widthLog2;
  const zero = statistic.bins.length / 2;
  let outside = 0;
  for (const [i, count] of statistic.bins.entries()) {
    const from = (i - zero) * unit;
    if (from + unit <= low || from > high) outside += count;
  }
  return { low, high, clipped: statistic.count > 0 ? outside / statistic.count : 0 };
}
