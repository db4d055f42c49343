import type { RaiseReason } from "../../../base/problem.ts";
import { type Node, nodeKey, type ValueName } from "../../../ir/graph.ts";
import { floats } from "../../../ir/tensor.ts";
import type { Range } from "../../range.ts";
import { integersOf } from "../number-format.ts";
import { GATE_EXPONENT, hasFilter, LARGEST_EXPONENT, LARGEST_SHIFT } from "../op-roles.ts";
import type { Slot } from "../slot.ts";
import { filterChannelAxis, type NodeSlots } from "../slots-of.ts";
import type { ExponentState, Raise } from "./exponent-state.ts";
import { FilterChannels, largestSum } from "./filter-sums.ts";
import type { JointGroups } from "./joint-groups.ts";

/** Sums of exponentials without the maximum subtracted overflow above 88: 127 · 2^−1 stays below. */
const SOFTMAX8_EXPONENT = -1;
const MOST_ROUNDS = 64;

export interface SettledState {
  readonly state: ExponentState;
  readonly raises: readonly Raise[];
}

/**
 * What a chip can compute without overflow or undefined shifts. `settle` raises exponents until all of it holds: a shift below
 * zero loses nothing by a coarser output (the product's grid is coarser still), a bias or sum beyond its width needs coarser weights.
 */
export class ChipLimits {
  private readonly joint: JointGroups;
  private readonly rangeOf: (value: ValueName) => Range | undefined;
  private readonly parameterOf: ReadonlyMap<Slot, number>;
  private readonly filters = new Map<Slot, FilterChannels>();
  private readonly products: readonly NodeSlots[];

  constructor(joint: JointGroups, rangeOf: (value: ValueName) => Range | undefined) {
    this.joint = joint;
    this.rangeOf = rangeOf;
    this.parameterOf = new Map(joint.parameters.map((slot, i) => [slot, i]));
    this.products = joint.table.nodes.filter(({ node }) => isProduct(node.op));
    for (const { node, inputs } of this.products) {
      const tensor = inputs[1] && joint.table.graph.initializers.get(inputs[1].value);
      if (inputs[1] && tensor?.dtype === "float32")
        this.filters.set(inputs[1], new FilterChannels(tensor, channelAxisOf(node, tensor.dims.length)));
    }
  }

  /** The nearest state above that the chip can compute; undefined if none is (exponents run away, or a softmax would overflow). */
  settle(from: ExponentState): SettledState | undefined {
    const draft = this.raised(from);
    if (!draft || this.overflowing(draft) || draft.groups.some((e) => e > LARGEST_EXPONENT)) return undefined;
    return draft.settled();
  }

  /** The softmax for which there is nothing above that the chip can compute; undefined where that has another cause. */
  softmaxBeyond(from: ExponentState): Slot | undefined {
    const draft = this.raised(from);
    return draft && this.overflowing(draft);
  }

  /** Raised until every shift, bias and sum fits; undefined if exponents run away. */
  private raised(from: ExponentState): Draft | undefined {
    const draft = new Draft(from);
    for (let i = 0; i < from.groups.length; i++) {
      const { root } = this.joint.groups[i] ?? {};
      const e = from.groups[i] ?? 0;
      if (root && e < -LARGEST_EXPONENT)
        draft.raiseGroup(i, -LARGEST_EXPONENT, nodeKey(root.node), root.value, "exponentRange");
    }
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const before = draft.changes;
      for (const nodeSlots of this.joint.table.nodes) this.settleNode(draft, nodeSlots);
      if (draft.changes === before) return draft;
    }
    return undefined;
  }

  /** What the first softmax of 8 bits reads that would overflow. */
  private overflowing(draft: Draft): Slot | undefined {
    for (const { node, format, inputs } of this.joint.table.nodes) {
      if ((node.op !== "Softmax" && node.op !== "LogSoftmax") || format.bits !== 8) continue;
      const group = this.joint.groupOf(inputs[0]);
      if (group !== undefined && (draft.groups[group] ?? 0) > SOFTMAX8_EXPONENT) return inputs[0];
    }
    return undefined;
  }

  private settleNode(draft: Draft, slots: NodeSlots): void {
    const { node, inputs, outputs } = slots;
    if (node.op === "ReduceL2") this.settleSquares(draft, slots);
    if (node.op === "GRU" || node.op === "LSTM") this.settleGates(draft, slots);
    const made = this.joint.groupOf(outputs[0]);
    const first = this.exponents(draft, inputs[0]);
    const second = this.exponents(draft, inputs[1]);
    if (made === undefined || !first || !second) return;
    if (isProduct(node.op)) this.settleFilter(draft, slots, first[0] ?? 0, made);
    else if (node.op !== "Mul") return;
    const factors = this.exponents(draft, inputs[1]) ?? second;
    const product = (first[0] ?? 0) + Math.max(...factors);
    draft.raiseGroup(made, product, nodeKey(node), outputs[0]?.value ?? "", "negativeShift");
  }

  /** The scale of squares has twice the exponent. */
  private settleSquares(draft: Draft, { node, inputs }: NodeSlots): void {
    const read = this.joint.groupOf(inputs[0]);
    if (read === undefined) return;
    draft.raiseGroup(read, -LARGEST_EXPONENT / 2, nodeKey(node), inputs[0]?.value ?? "", "exponentRange");
  }

  /** Products with the matrices of a recurrence are shifted to the exponent of its gates. */
  private settleGates(draft: Draft, { node, inputs, outputs }: NodeSlots): void {
    for (const [factor, matrix] of [[inputs[0], inputs[1]] as const, [outputs[0], inputs[2]] as const]) {
      const parameter = matrix && this.parameterOf.get(matrix);
      const [e] = this.exponents(draft, factor) ?? [];
      if (parameter === undefined || e === undefined) continue;
      const least = GATE_EXPONENT - e - LARGEST_EXPONENT;
      draft.raiseParameter(parameter, 0, least, nodeKey(node), matrix?.value ?? "", "hugeShift");
    }
  }

  private settleFilter(draft: Draft, slots: NodeSlots, input: number, made: number): void {
    const { node, format, inputs } = slots;
    const [data, filter, bias] = inputs;
    const parameter = filter && this.parameterOf.get(filter);
    const channels = filter && this.filters.get(filter);
    if (!data || !filter || parameter === undefined || !channels) return;
    const biasTensor = bias && this.joint.table.graph.initializers.get(bias.value);
    const biases = biasTensor?.dtype === "float32" ? floats(biasTensor) : undefined;
    const exponents = draft.parameters[parameter] ?? [];
    const perTensor = exponents.length === 1;
    const place = [nodeKey(node), filter.value] as const;
    // Sums of 16 bits are no wider than 40 on some chips.
    const least = (draft.groups[made] ?? 0) - input - LARGEST_SHIFT[8];
    const { low, high } = this.integerRange(data, input);
    const most = 2 ** (format.biasBits - 1) - 1;
    for (let c = 0; c < channels.count; c++) {
      const at = perTensor ? 0 : c;
      draft.raiseParameter(parameter, at, least, ...place, "hugeShift");
      for (let e = draft.parameters[parameter]?.[at] ?? 0; e <= LARGEST_EXPONENT; e++) {
        const b = biases ? Math.abs((biases[biases.length === 1 ? 0 : c] ?? 0) * 2 ** -(e + input)) : 0;
        const sum = largestSum(channels.sums(c, e, format.bits, format.rounding), low, high, b);
        if (sum <= most) break;
        draft.raiseParameter(parameter, at, e + 1, ...place, b > most ? "biasRange" : "sumRange");
      }
    }
  }

  /** Integers that the data can take: those of its range, padding's zero included. */
  private integerRange(data: Slot, exponent: number): Range {
    const { min, max } = integersOf(data.bits);
    const range = this.rangeOf(data.value);
    if (!range) return { low: min, high: max };
    return {
      low: Math.max(min, Math.min(0, Math.floor(range.low * 2 ** -exponent))),
      high: Math.min(max, Math.max(0, Math.ceil(range.high * 2 ** -exponent))),
    };
  }

  private exponents(draft: Draft, slot: Slot | undefined): readonly number[] | undefined {
    if (!slot) return undefined;
    const parameter = this.parameterOf.get(slot);
    if (parameter !== undefined) return draft.parameters[parameter];
    const group = this.joint.groupOf(slot);
    return group === undefined ? undefined : [draft.groups[group] ?? 0];
  }
}

/** A state while it is raised. */
class Draft {
  readonly groups: number[];
  readonly parameters: number[][];
  changes = 0;
  private readonly raises = new Map<string, Raise>();

  constructor({ groups, parameters }: ExponentState) {
    this.groups = [...groups];
    this.parameters = parameters.map((exponents) => [...exponents]);
  }

  raiseGroup(index: number, to: number, node: string, value: ValueName, reason: RaiseReason): void {
    const from = this.groups[index];
    if (from === undefined || from >= to) return;
    this.groups[index] = to;
    this.note(`group ${index}`, { node, value, reason, from, to });
  }

  raiseParameter(
    index: number,
    at: number,
    to: number,
    node: string,
    value: ValueName,
    reason: RaiseReason,
  ): void {
    const exponents = this.parameters[index];
    const from = exponents?.[at];
    if (!exponents || from === undefined || from >= to) return;
    exponents[at] = to;
    this.note(`parameter ${index} ${at}`, { node, value, reason, from, to });
  }

  settled(): SettledState {
    return {
      state: { groups: this.groups, parameters: this.parameters },
      raises: [...this.raises.values()],
    };
  }

  private note(key: string, raise: Raise): void {
    this.changes++;
    const earlier = this.raises.get(`${key} ${raise.reason}`);
    this.raises.set(`${key} ${raise.reason}`, { ...raise, from: earlier?.from ?? raise.from });
  }
}

const isProduct = (op: string): boolean => hasFilter(op) || op === "MatMul";

function channelAxisOf(node: Node, rank: number): number {
  return node.op === "MatMul" ? rank - 1 : filterChannelAxis(node);
}
