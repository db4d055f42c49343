import type { RaiseReason } from "../../../base/problem.ts";
import type { ValueName } from "../../../ir/graph.ts";
import type { ExponentPlacement } from "../place-exponents.ts";
import { placedNodes } from "../place-exponents.ts";
import type { Slot } from "../slot.ts";
import type { JointGroups } from "./joint-groups.ts";

/** One choice of every exponent that is free. */
export interface ExponentState {
  /** By group. */
  readonly groups: readonly number[];
  /** By parameter: one, or one per output channel. */
  readonly parameters: readonly (readonly number[])[];
}

/** The state as a placement of every slot. */
export function placementOf(joint: JointGroups, state: ExponentState): ExponentPlacement {
  for (const [i, { root }] of joint.groups.entries()) root.exponents = [state.groups[i] ?? 0];
  for (const [i, slot] of joint.parameters.entries()) slot.exponents = state.parameters[i] ?? [0];
  return placedNodes(joint.table);
}

/**
 * The state nearest to a placement of the same graph that knows no groups: each group takes the largest exponent of its slots, so
 * that no value is clipped that was not (a recurrence's state of zeros says nothing about what the recurrence makes). `otherwise`
 * where the placement has none of that width.
 */
export function stateOf(
  joint: JointGroups,
  placement: ExponentPlacement,
  otherwise: ExponentState,
): ExponentState {
  const at = ({ node, side, index, bits }: Slot): readonly number[] | undefined => {
    const placed = placement.get(node);
    const slot = (side === "input" ? placed?.inputs : placed?.outputs)?.[index];
    return slot?.bits === bits ? slot.exponents : undefined;
  };
  const largest = new Map<number, number>();
  for (const { inputs, outputs } of joint.table.nodes)
    for (const slot of [...inputs, ...outputs]) {
      const group = joint.groupOf(slot);
      const exponent = slot && at(slot)?.[0];
      if (group === undefined || exponent === undefined) continue;
      largest.set(group, Math.max(largest.get(group) ?? exponent, exponent));
    }
  return {
    groups: joint.groups.map((_, i) => largest.get(i) ?? otherwise.groups[i] ?? 0),
    parameters: joint.parameters.map((slot, i) => {
      const own = otherwise.parameters[i] ?? [0];
      const placed = at(slot);
      return placed?.length === own.length ? placed : own;
    }),
  };
}

/** A state with one group's exponent changed. */
export function withGroup(state: ExponentState, index: number, exponent: number): ExponentState {
  return { ...state, groups: state.groups.with(index, exponent) };
}

/** A state with every exponent of one parameter moved. */
export function withParameter(state: ExponentState, index: number, by: number): ExponentState {
  const moved = (state.parameters[index] ?? []).map((e) => e + by);
  return { ...state, parameters: state.parameters.with(index, moved) };
}

/** An exponent that a rule of the chip changed. */
export interface Raise {
  readonly node: string;
  readonly value: ValueName;
  readonly reason: RaiseReason;
  readonly from: number;
  readonly to: number;
}
