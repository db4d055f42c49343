import { fail } from "../../base/problem.ts";
import type { Graph, Node, ValueName } from "../../ir/graph.ts";
import { floats, type Tensor } from "../../ir/tensor.ts";
import { requireFinite } from "../range.ts";
import type { Rounding } from "../scheme.ts";
import { alignSlots } from "./align-slots.ts";
import { exponentOfRange } from "./exponent.ts";
import { fakeQuantizedConstant } from "./integer-constant.ts";
import { linkSlots } from "./link-slots.ts";
import { percentileRange } from "./percentile-range.ts";
import { exponentsOf, follow, rootOf, type Slot } from "./slot.ts";
import { type FormatOf, type NodeSlots, type SlotTable, slotsOf } from "./slots-of.ts";

export interface PlacementInput {
  readonly graph: Graph;
  readonly formatOf: FormatOf;
  /** Keys of nodes that stay in float. */
  readonly keepFloat?: ReadonlySet<string>;
}

/** A value to calibrate, with the width whose levels the method asks for. */
export interface CalibratedValue {
  readonly value: ValueName;
  readonly bits: number;
}

/** How one slot is quantized. */
export interface PlacedSlot {
  readonly value: ValueName;
  readonly bits: number;
  /** One, or one per channel along `channelAxis`. */
  readonly exponents: readonly number[];
  readonly channelAxis?: number;
  /** False where another slot of the same group has quantized the value already (a product before its Relu). */
  readonly quantizes: boolean;
}

export interface PlacedNode {
  readonly node: Node;
  readonly bits: 8 | 16;
  /** Per slot; undefined stays in float. */
  readonly inputs: readonly (PlacedSlot | undefined)[];
  readonly outputs: readonly (PlacedSlot | undefined)[];
}

/** Quantized nodes of the graph, in its order. Nodes without an entry compute in float. */
export type ExponentPlacement = ReadonlyMap<Node, PlacedNode>;

/** The values whose statistics decide exponents, each width once, in graph order. */
export function calibratedValues(input: PlacementInput): CalibratedValue[] {
  const table = linked(input);
  const values = new Map<string, CalibratedValue>();
  for (const { value, bits } of calibratedSlots(table)) values.set(`${bits} ${value}`, { value, bits });
  return [...values.values()];
}

/**
 * Exponents of every slot as ESP-PPQ chooses them, from the calibrated exponent of every value that
 * {@link calibratedValues} lists. Throws `quant.noStatistics` where `exponentOf` knows none, `quant.notFinite` for a constant that no
 * exponent holds.
 */
export function placeExponents(
  input: PlacementInput,
  exponentOf: (value: CalibratedValue) => number | undefined,
): ExponentPlacement {
  const table = linked(input);
  for (const slot of calibratedSlots(table)) {
    const exponent = exponentOf(slot);
    slot.exponents = [exponent ?? fail({ code: "quant.noStatistics", value: slot.value })];
  }
  for (const slot of allSlots(table)) setConstantExponents(table.graph, slot);
  alignSlots(table);
  return placedNodes(table);
}

/** The placement of a table whose activations and constants have their exponents: what follows from them is derived here. */
export function placedNodes(table: SlotTable): ExponentPlacement {
  for (const nodeSlots of table.nodes) deriveParameters(table.graph, nodeSlots);
  return new Map(table.nodes.map((n) => [n.node, placed(n)]));
}

/**
 * Constants as they stand while activations are observed: already quantized by their own exponents, biases still float. What is not
 * float32 stays. Throws `quant.notFinite`.
 */
export function calibrationConstants(input: PlacementInput, rounding: Rounding): Map<ValueName, Tensor> {
  const table = linked(input);
  const constants = new Map<ValueName, Tensor>();
  for (const slot of allSlots(table)) {
    const tensor = input.graph.initializers.get(slot.value);
    if (tensor?.dtype !== "float32") continue;
    setConstantExponents(input.graph, slot);
    const { bits, exponents, channelAxis } = slot;
    if (!exponents || slot.rule === "fixed") continue;
    const format = { bits, exponents, rounding, ...(channelAxis !== undefined && { channelAxis }) };
    constants.set(slot.value, fakeQuantizedConstant(tensor, format));
  }
  return constants;
}

function linked({ graph, formatOf, keepFloat }: PlacementInput): SlotTable {
  const table = slotsOf(graph, formatOf, keepFloat);
  linkSlots(table);
  return table;
}

function allSlots(table: SlotTable): Slot[] {
  return table.nodes.flatMap((n) => [...n.inputs, ...n.outputs]).filter((s) => s !== undefined);
}

function calibratedSlots(table: SlotTable): Slot[] {
  return allSlots(table).filter((slot) => slot.rule === "calibrated" && rootOf(slot) === slot);
}

function setConstantExponents(graph: Graph, slot: Slot): void {
  const tensor = graph.initializers.get(slot.value);
  if (tensor?.dtype !== "float32" || (slot.rule !== "percentile" && slot.rule !== "perChannel")) return;
  slot.exponents =
    slot.channelAxis === undefined
      ? [tensorExponent(tensor, slot)]
      : channelExponents(tensor, slot.channelAxis, slot);
}

function tensorExponent(tensor: Tensor, { value, bits }: CalibratedValue): number {
  const range = percentileRange(floats(tensor));
  requireFinite(range, value);
  return exponentOfRange(range.low, range.high, bits);
}

function channelExponents(tensor: Tensor, axis: number, { value, bits }: CalibratedValue): number[] {
  const values = floats(tensor);
  const inner = tensor.dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  const channels = tensor.dims[axis] ?? 1;
  const buckets = Array.from({ length: channels }, () => [0, 0] as [number, number]);
  for (const [i, x] of values.entries()) {
    const bucket = buckets[Math.floor(i / inner) % channels];
    if (!bucket) continue;
    if (x < bucket[0]) bucket[0] = x;
    if (x > bucket[1]) bucket[1] = x;
  }
  return buckets.map(([low, high]) => {
    requireFinite({ low, high }, value);
    return exponentOfRange(low, high, bits);
  });
}

/** Biases, clip bounds and pad values: they take what the activations decided (optim/parameters.py 104–205). */
function deriveParameters(graph: Graph, { node, inputs }: NodeSlots): void {
  const [data, filter, bias] = inputs;
  if (bias?.rule === "product" && node.inputs.length === 3 && graph.initializers.has(bias.value)) {
    const input = data && exponentsOf(data)?.[0];
    const filters = filter && exponentsOf(filter);
    if (input !== undefined && filters) bias.exponents = filters.map((e) => e + input);
  }
  if (node.op === "Clip" && data) for (const bound of [inputs[1], inputs[2]]) if (bound) follow(bound, data);
  if (node.op === "Pad" && data && inputs[2]) follow(inputs[2], data);
}

function placed({ node, format, inputs, outputs }: NodeSlots): PlacedNode {
  return { node, bits: format.bits, inputs: inputs.map(placedSlot), outputs: outputs.map(placedSlot) };
}

function placedSlot(slot: Slot | undefined): PlacedSlot | undefined {
  const exponents = slot && exponentsOf(slot);
  if (!slot || !exponents) return undefined;
  const { value, bits, channelAxis, state } = slot;
  const quantizes = state !== "overlapped";
  return { value, bits, exponents, quantizes, ...(channelAxis !== undefined && { channelAxis }) };
}
