import type { RaiseReason } from "../../../base/problem.ts";
import type { ValueName } from "../../../ir/graph.ts";
import type { ExponentPlacement } from "../place-exponents.ts";
import { placedNodes } from "../place-exponents.ts";
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
