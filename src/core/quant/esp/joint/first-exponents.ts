import { fail } from "../../../base/problem.ts";
import type { ValueName } from "../../../ir/graph.ts";
import { floats, type Tensor } from "../../../ir/tensor.ts";
import type { CalibrationMethod, Rounding } from "../../scheme.ts";
import type { Statistic, Statistics } from "../../statistic.ts";
import { exponentOfRange } from "../exponent.ts";
import { integersOf } from "../number-format.ts";
import { extremes } from "../percentile-range.ts";
import { quantizeToExponent, roundFloat32 } from "../rounding.ts";
import { squaredErrorAt, statisticExponent } from "../statistic-exponent.ts";
import type { ExponentState } from "./exponent-state.ts";
import { FilterChannels } from "./filter-sums.ts";
import type { ExponentGroup, JointGroups } from "./joint-groups.ts";

/** Exponents tried below the one that holds everything. */
const MOST_CLIPPED = 4;

/** What a state starts from: how activations and how constants choose. */
export interface FirstChoice {
  readonly activations: CalibrationMethod;
  /** Whether constants weigh clipping against rounding, or hold their whole range. */
  readonly constants: "minmax" | "mse";
}

/**
 * Exponents from statistics and constants alone. A group must serve all its values: by range the largest of theirs, by error the
 * least sum of the errors that each would have. Throws `quant.noStatistics` where no value of a group was observed.
 */
export function firstExponents(
  joint: JointGroups,
  statistics: Statistics,
  choice: FirstChoice,
  rounding: Rounding,
): ExponentState {
  const { initializers } = joint.table.graph;
  return {
    groups: joint.groups.map((group) => groupExponent(group, initializers, statistics, choice)),
    parameters: joint.parameters.map((slot): number[] => {
      const tensor = initializers.get(slot.value);
      if (tensor?.dtype !== "float32") return [0];
      const rows = slot.channelAxis === undefined ? [floats(tensor)] : channelsOf(tensor, slot.channelAxis);
      return rows.map((row) => constantExponent(row, slot.bits, choice.constants, rounding));
    }),
  };
}

function groupExponent(
  { root, values, constants }: ExponentGroup,
  initializers: ReadonlyMap<ValueName, Tensor>,
  statistics: Statistics,
  { activations }: FirstChoice,
): number {
  const bits = root.bits <= 8 ? 8 : 16;
  const observed = values
    .map((value) => statistics.get(value))
    .filter((s): s is Statistic => s !== undefined);
  const held = constants.map((name): number => {
    const tensor = initializers.get(name);
    if (tensor?.dtype !== "float32") return Number.NEGATIVE_INFINITY;
    const { low, high } = extremes(floats(tensor));
    return exponentOfRange(low, high, bits);
  });
  if (observed.length === 0 && held.length === 0)
    return fail({ code: "quant.noStatistics", value: values[0] ?? root.value });
  if (activations !== "mse" || observed.length === 0)
    return Math.max(...held, ...observed.map((s) => statisticExponent(s, bits, activations)));
  const covering = Math.max(...held, ...observed.map((s) => statisticExponent(s, bits, "minmax")));
  let [best, least] = [covering, Number.POSITIVE_INFINITY];
  for (let e = covering; e >= covering - MOST_CLIPPED; e--) {
    if (e < Math.max(...held)) break;
    const error = observed.reduce((sum, s) => sum + squaredErrorAt(s, e, bits), 0);
    if (error < least) [best, least] = [e, error];
  }
  return best;
}

function channelsOf(tensor: Tensor, axis: number): Float32Array[] {
  const channels = new FilterChannels(tensor, axis);
  return Array.from({ length: channels.count }, (_, c) => channels.weights(c));
}

function constantExponent(
  row: Float32Array,
  bits: number,
  choice: FirstChoice["constants"],
  rounding: Rounding,
): number {
  const { low, high } = extremes(row);
  const covering = exponentOfRange(low, high, bits);
  if (choice === "minmax") return covering;
  const range = integersOf(bits);
  const round = roundFloat32(rounding);
  let [best, least] = [covering, Number.POSITIVE_INFINITY];
  for (let e = covering; e >= covering - MOST_CLIPPED; e--) {
    let error = 0;
    for (const w of row) error += (w - quantizeToExponent(w, e, range, round) * 2 ** e) ** 2;
    if (error < least) [best, least] = [e, error];
  }
  return best;
}
