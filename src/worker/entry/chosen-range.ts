import { clippedShare } from "../../core/quant/clipped-share.ts";
import { integersOf } from "../../core/quant/esp/number-format.ts";
import { statisticExponent } from "../../core/quant/esp/statistic-exponent.ts";
import { solve } from "../../core/quant/solvers.ts";
import { targetById } from "../../core/targets/catalogue.ts";
import type { ChosenRange, RangeQuestion } from "../protocol.ts";

/** The range that a method keeps of one value's activations, and the share of the values that it clips. */
export function chosenRange({ statistic, target, bits, method }: RangeQuestion): ChosenRange {
  const platform = targetById(target);
  if (platform.exporter === "espdl") {
    const exponent = statisticExponent(statistic, bits, method);
    const { min, max } = integersOf(bits);
    const [low, high] = [min * 2 ** exponent, max * 2 ** exponent];
    return { low, high, exponent, clipped: clippedShare(statistic, low, high) };
  }
  const { low, high } = solve(statistic, platform.activations, method);
  return { low, high, clipped: clippedShare(statistic, low, high) };
}
