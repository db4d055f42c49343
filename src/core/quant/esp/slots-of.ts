import { type Graph, type Node, nodeKey, type ValueName } from "../../ir/graph.ts";
import type { NumberFormat } from "./number-format.ts";
import { hasFilter, isFloatInput, isFloatOutput, isQuantizable } from "./op-roles.ts";
import { follow, type Slot, type SlotRule } from "./slot.ts";

/** Width and exponent of recurrent biases and cell states. Source: core/common.py 116–127. */
const RECURRENT = { bits: 16, exponent: -9 } as const;

/** Every node's format; undefined keeps the node in float. */
export type FormatOf = (node: Node) => NumberFormat | undefined;

export interface NodeSlots {
  readonly node: Node;
  readonly format: NumberFormat;
  readonly inputs: readonly (Slot | undefined)[];
  readonly outputs: readonly (Slot | undefined)[];
}

/** The slots of a graph, by node in graph order. */
export interface SlotTable {
  readonly graph: Graph;
  readonly nodes: readonly NodeSlots[];
  readonly of: ReadonlyMap<Node, NodeSlots>;
}

/** A slot for every input and output of every quantizable node, each on its own (esp-ppq base.py 109–225). */
export function slotsOf(
  graph: Graph,
  formatOf: FormatOf,
  keepFloat: ReadonlySet<string> = new Set(),
): SlotTable {
  const nodes: NodeSlots[] = [];
  for (const node of graph.nodes) {
    const format = isQuantizable(node.op) && !keepFloat.has(nodeKey(node)) ? formatOf(node) : undefined;
    if (!format) continue;
    const inputs = node.inputs.map((value, i) => inputSlot(graph, node, format, i, value));
    const outputs = node.outputs.map((value, i) => outputSlot(node, format, i, value));
    nodes.push({ node, format, inputs, outputs });
    // Hidden states have the exponent of the sequence from the start: nothing of theirs is observed.
    const [sequence] = outputs;
    if (sequence && isRecurrent(node.op))
      for (const state of [outputs[1], inputs[5]]) if (state) follow(state, sequence);
  }
  return { graph, nodes, of: new Map(nodes.map((n) => [n.node, n])) };
}

const isRecurrent = (op: string): boolean => op === "GRU" || op === "LSTM";

function inputSlot(
  graph: Graph,
  node: Node,
  format: NumberFormat,
  index: number,
  value: ValueName,
): Slot | undefined {
  if (value === "") return undefined;
  const make = (rule: SlotRule, bits: number, more: Partial<Slot> = {}) =>
    makeSlot(node, "input", index, value, rule, bits, more);
  const constant = graph.initializers.has(value);
  if (isFloatInput(node.op, index)) return make("float", format.bits);
  if (hasFilter(node.op) && index === 2) return make("product", format.biasBits);
  if (hasFilter(node.op) && index === 1 && constant && format.perChannelFilters)
    return make("perChannel", format.bits, { channelAxis: filterChannelAxis(node) });
  if (isRecurrent(node.op) && (index === 3 || (node.op === "LSTM" && index === 6)))
    return make("fixed", RECURRENT.bits, { exponents: [RECURRENT.exponent] });
  return make(constant ? "percentile" : "calibrated", format.bits);
}

function outputSlot(node: Node, format: NumberFormat, index: number, value: ValueName): Slot | undefined {
  if (value === "") return undefined;
  if (node.op === "LSTM" && index === 2)
    return makeSlot(node, "output", index, value, "fixed", RECURRENT.bits, {
      exponents: [RECURRENT.exponent],
    });
  const rule = isFloatOutput(node.op) ? "float" : "calibrated";
  return makeSlot(node, "output", index, value, rule, format.bits);
}

function makeSlot(
  node: Node,
  side: Slot["side"],
  index: number,
  value: ValueName,
  rule: SlotRule,
  bits: number,
  more: Partial<Slot> = {},
): Slot {
  const open = { node, side, index, value, bits, rule, state: "own" as const, exponents: undefined, ...more };
  const slot = open as Slot;
  slot.follows = slot;
  return slot;
}

/** Axis of a filter that indexes output channels. */
export function filterChannelAxis(node: Node): number {
  if (node.op === "ConvTranspose") return 1;
  const transposed = node.attributes.transB;
  return node.op === "Gemm" && !(transposed?.kind === "int" && transposed.value === 1n) ? 1 : 0;
}
