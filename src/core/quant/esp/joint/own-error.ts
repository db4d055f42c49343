import type { ValueName } from "../../../ir/graph.ts";
import { floats } from "../../../ir/tensor.ts";
import type { Rounding } from "../../scheme.ts";
import type { Statistics } from "../../statistic.ts";
import { exponentOfRange } from "../exponent.ts";
import { integersOf } from "../number-format.ts";
import { extremes } from "../percentile-range.ts";
import { quantizeToExponent, roundFloat32 } from "../rounding.ts";
import type { Slot } from "../slot.ts";
import { squaredErrorAt, statisticExponent } from "../statistic-exponent.ts";
import type { ExponentState } from "./exponent-state.ts";
import { FilterChannels } from "./filter-sums.ts";
import type { JointGroups } from "./joint-groups.ts";

/**
 * What quantizing alone does to each value and constant, from statistics: tells cheaply where another exponent may pay, and from
 * where on it cannot.
 */
export class OwnErrors {
  private readonly joint: JointGroups;
  private readonly statistics: Statistics;
  private readonly rounding: Rounding;
  private readonly known = new Map<string, number>();
  private readonly rows = new Map<Slot, readonly Float32Array[]>();

  constructor(joint: JointGroups, statistics: Statistics, rounding: Rounding) {
    this.joint = joint;
    this.statistics = statistics;
    this.rounding = rounding;
  }

  /**
   * By how much the error of a group or constant falls, as a share of its power, if its exponents move `by` steps. Moves are
   * numbered groups first. Undefined where coarser exponents hold nothing more: all of it fits already.
   */
  gain(state: ExponentState, move: number, by: 1 | -1): number | undefined {
    const { groups } = this.joint;
    if (move < groups.length) {
      const e = state.groups[move] ?? 0;
      if (by > 0 && e >= this.covering(move)) return undefined;
      return this.groupError(move, e) - this.groupError(move, e + by);
    }
    const slot = this.joint.parameters[move - groups.length];
    const exponents = state.parameters[move - groups.length] ?? [];
    if (!slot) return undefined;
    if (by > 0 && this.rowsOf(slot).every((row, i) => coveringOf(row, slot.bits) <= (exponents[i] ?? 0)))
      return undefined;
    const moved = exponents.map((e) => e + by);
    return this.parameterError(slot, exponents) - this.parameterError(slot, moved);
  }

  /** The exponent that holds every value of the group that was observed. */
  private covering(group: number): number {
    const { root, values = [], constants = [] } = this.joint.groups[group] ?? {};
    const bits = (root?.bits ?? 8) <= 8 ? 8 : 16;
    const observed = values.flatMap((v) => {
      const statistic = this.statistics.get(v);
      return statistic ? [statisticExponent(statistic, bits, "minmax")] : [];
    });
    const held = constants.map((name) => coveringOf(this.constant(name), bits));
    return Math.max(...observed, ...held);
  }

  private groupError(group: number, exponent: number): number {
    const key = `${group} ${exponent}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const { root, values = [] } = this.joint.groups[group] ?? {};
    let error = 0;
    for (const value of values) {
      const statistic = this.statistics.get(value);
      if (!statistic || statistic.sumSquares === 0) continue;
      error +=
        (squaredErrorAt(statistic, exponent, root?.bits ?? 8) * statistic.count) / statistic.sumSquares;
    }
    this.known.set(key, error);
    return error;
  }

  private parameterError(slot: Slot, exponents: readonly number[]): number {
    const key = `${slot.value} ${exponents}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const range = integersOf(slot.bits);
    const round = roundFloat32(this.rounding);
    let [error, power] = [0, 0];
    for (const [i, row] of this.rowsOf(slot).entries()) {
      const e = exponents[i] ?? exponents[0] ?? 0;
      const step = 2 ** e;
      for (const w of row) {
        error += (w - quantizeToExponent(w, e, range, round) * step) ** 2;
        power += w * w;
      }
    }
    const relative = power === 0 ? 0 : error / power;
    this.known.set(key, relative);
    return relative;
  }

  private rowsOf(slot: Slot): readonly Float32Array[] {
    const known = this.rows.get(slot);
    if (known) return known;
    const tensor = this.joint.table.graph.initializers.get(slot.value);
    const rows = tensor?.dtype !== "float32" ? [] : rowsAlong(tensor, slot.channelAxis);
    this.rows.set(slot, rows);
    return rows;
  }

  private constant(name: ValueName): Float32Array {
    const tensor = this.joint.table.graph.initializers.get(name);
    return tensor?.dtype === "float32" ? floats(tensor) : new Float32Array(1);
  }
}

function rowsAlong(tensor: Parameters<typeof floats>[0], axis: number | undefined): readonly Float32Array[] {
  if (axis === undefined) return [floats(tensor)];
  const channels = new FilterChannels(tensor, axis);
  return Array.from({ length: channels.count }, (_, c) => channels.weights(c));
}

function coveringOf(values: Float32Array, bits: number): number {
  const { low, high } = extremes(values);
  return exponentOfRange(low, high, bits);
}
