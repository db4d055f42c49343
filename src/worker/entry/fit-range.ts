import { exponentOfRange } from "../../core/quant/esp/exponent.ts";
import { statisticExponent } from "../../core/quant/esp/statistic-exponent.ts";
import { gridFit } from "../../core/quant/grid-fit.ts";
import { paramsFor } from "../../core/quant/params.ts";
import { CALIBRATION_METHODS, type CalibrationMethod, type QuantParams } from "../../core/quant/scheme.ts";
import { solve } from "../../core/quant/solvers.ts";
import { targetById } from "../../core/targets/catalogue.ts";
import type { RangeChoice, RangeQuestion, RangeReport } from "../protocol.ts";

/** Exponents shown around the one that clips nothing. */
const [COARSER, FINER] = [1, 4];

/**
 * What the target's integers make of one value's distribution: as its method chooses for it alone, as the model has it (`params`), and
 * under the other choices: every exponent nearby, or every method.
 */
export function fitRange(question: RangeQuestion): RangeReport {
  const { statistic, target, bits, method, params } = question;
  const platform = targetById(target);
  const onChip = platform.exporter === "espdl";
  const alone = (by: CalibrationMethod): QuantParams =>
    platform.exporter === "espdl"
      ? gridAt(statisticExponent(statistic, bits, by), bits)
      : paramsFor(solve(statistic, platform.activations, by), platform.activations, "int8");
  const choice = (grid: QuantParams, by: readonly CalibrationMethod[]): RangeChoice => ({
    ...gridFit(statistic, grid),
    dtype: grid.dtype,
    zeroPoint: grid.zeroPoints[0] ?? 0,
    ...(onChip && { exponent: exponentOf(grid) }),
    methods: by,
  });
  const byMethod = CALIBRATION_METHODS.map((by) => ({ by, grid: alone(by) }));
  const methodsOf = (exponent: number) =>
    byMethod.filter(({ grid }) => exponentOf(grid) === exponent).map(({ by }) => by);
  const covering = exponentOfRange(statistic.min, statistic.max, bits);
  const used = params && exponentOf(params);
  const high = Math.max(covering + COARSER, used ?? covering);
  const low = Math.min(covering - FINER, used ?? covering, ...byMethod.map(({ grid }) => exponentOf(grid)));
  const placed = params?.scales.length === 1 ? choice(params, []) : undefined;
  const methods = byMethod.map(({ by, grid }) => choice(grid, [by]));
  // Values that meet share a scale that no method chooses for one of them.
  const apart = placed && !methods.some((m) => m.step === placed.step && m.zeroPoint === placed.zeroPoint);
  return {
    alone: choice(alone(method), [method]),
    ...(placed && { placed }),
    choices: onChip
      ? Array.from({ length: Math.min(high - low, MOST_CHOICES) + 1 }, (_, i) =>
          choice(gridAt(high - i, params ? bitsOf(params, bits) : bits), methodsOf(high - i)),
        )
      : [...(apart ? [placed] : []), ...methods],
  };
}

/** A value that shares its exponent with a far larger one may be far off its own. */
const MOST_CHOICES = 12;

function gridAt(exponent: number, bits: 8 | 16): QuantParams {
  return { dtype: bits === 16 ? "int16" : "int8", scales: [2 ** exponent], zeroPoints: [0] };
}

function bitsOf({ dtype }: QuantParams, otherwise: 8 | 16): 8 | 16 {
  return dtype === "int16" ? 16 : dtype === "int8" ? 8 : otherwise;
}

/** Of a scale that is a power of two. */
function exponentOf({ scales: [scale = 1] }: QuantParams): number {
  return Math.round(Math.log2(scale));
}
