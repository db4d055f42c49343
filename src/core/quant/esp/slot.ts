import type { Node, ValueName } from "../../ir/graph.ts";

/**
 * How the exponents of a slot come about:
 * - calibrated: from statistics of the value, by the chosen method;
 * - perChannel, percentile: from the constant itself;
 * - product: of a bias, the sum of the exponents of input and filter;
 * - fixed: given by the format (recurrent biases and cell states);
 * - float: not quantized.
 */
export type SlotRule = "calibrated" | "perChannel" | "percentile" | "product" | "fixed" | "float";

/** One input or output of one node as ESP-PPQ configures it: a value between two nodes has two slots, usually linked. */
export interface Slot {
  readonly node: Node;
  readonly side: "input" | "output";
  readonly index: number;
  readonly value: ValueName;
  readonly bits: number;
  /** Axis of the filter along which exponents differ. */
  readonly channelAxis?: number;
  rule: SlotRule;
  /**
   * own: quantizes by its own exponents; overlapped: another slot already quantized the value; passive: takes the
   * exponents of the slot it follows and quantizes.
   */
  state: "own" | "overlapped" | "passive";
  /** The slot whose exponents this one has; itself if none. */
  follows: Slot;
  exponents: readonly number[] | undefined;
}

/** The slot at the end of the chain: the one that has exponents of its own. */
export function rootOf(slot: Slot): Slot {
  let at = slot;
  while (at.follows !== at) at = at.follows;
  return at;
}

/** The exponents in force at a slot; undefined while they are not known or if it stays in float. */
export function exponentsOf(slot: Slot): readonly number[] | undefined {
  return slot.rule === "float" ? undefined : rootOf(slot).exponents;
}

/** Merges two groups: `b`'s root decides. `a` no longer quantizes (core/quant.py 384–445). */
export function overlap(a: Slot, b: Slot): void {
  const [rootA, rootB] = [rootOf(a), rootOf(b)];
  if (rootA === rootB) return;
  rootA.follows = rootB;
  a.follows = rootB;
  rootA.state = "overlapped";
  a.state = "overlapped";
}

/** `a` alone takes `b`'s exponents and quantizes with them; slots that follow `a` go along. */
export function follow(a: Slot, b: Slot): void {
  a.follows = b;
  a.state = "passive";
  if (a.rule === "float") a.rule = "calibrated";
}

/** Whether two slots may share one quantization: same width, neither per channel. */
export function sameScheme(a: Slot, b: Slot): boolean {
  return a.bits === b.bits && a.channelAxis === b.channelAxis;
}
