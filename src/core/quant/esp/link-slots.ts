import type { Node, ValueName } from "../../ir/graph.ts";
import { producersOf } from "../../ir/walk.ts";
import { isComputing, isPassive } from "./op-roles.ts";
import { overlap, type Slot, sameScheme } from "./slot.ts";
import type { NodeSlots, SlotTable } from "./slots-of.ts";

/**
 * Ties the slots that share one quantization, in ESP-PPQ's order: a Relu or Clip decides for the op before it, passive ops
 * inherit from their input, and what is left follows the producer of its value. Across formats nothing is tied. A passive op
 * that reads a graph input stays on its own. Source: quantization/optim/refine.py 76–99 and 199–371.
 */
export function linkSlots(table: SlotTable): void {
  const readers = readersOf(table);
  const producers = producersOf(table.graph);
  const producerOf = (value: ValueName | undefined): NodeSlots | undefined => {
    const node = value === undefined ? undefined : producers.get(value);
    return node && table.of.get(node);
  };
  const fuseActivation = (activation: NodeSlots, mayFuse: (producer: NodeSlots) => boolean): void => {
    const producer = producerOf(activation.node.inputs[0]);
    const [input] = activation.inputs;
    const [output] = activation.outputs;
    const [made] = producer?.outputs ?? [];
    if (!producer || !input || !output || !made || made.value !== input.value) return;
    const only = producer.node.outputs.every(
      (name, i) => (readers.get(name) ?? []).length === (i === 0 ? 1 : 0),
    );
    if (!only || !mayFuse(producer)) return;
    overlap(made, output);
    overlap(input, output);
  };
  const activations = table.nodes.filter(({ node }) => node.op === "Relu" || node.op === "Clip");
  for (const activation of activations)
    fuseActivation(activation, (p) => isComputing(p.node.op) && sameFormat(p, activation));
  for (const passive of table.nodes) {
    if (!isPassive(passive.node.op)) continue;
    const producer = producerOf(passive.node.inputs[0]);
    const [input] = passive.inputs;
    if (!producer || !input || !sameFormat(producer, passive)) continue;
    for (const output of passive.outputs) if (output) overlap(output, input);
  }
  for (const activation of activations) fuseActivation(activation, () => true);
  for (const consumer of table.nodes) {
    for (const input of consumer.inputs) {
      const producer = input && producerOf(input.value);
      const made = producer?.outputs.find((s) => s?.value === input?.value);
      if (!input || !made || made.rule === "float" || !sameFormat(producer, consumer)) continue;
      if (isInitial(input) && sameScheme(input, made)) overlap(input, made);
    }
  }
}

/** A slot that nothing else decides yet. */
function isInitial(slot: Slot): boolean {
  return (
    slot.state === "own" && slot.exponents === undefined && slot.rule !== "float" && slot.rule !== "product"
  );
}

function sameFormat(a: NodeSlots | undefined, b: NodeSlots): boolean {
  return a !== undefined && a.format.bits === b.format.bits;
}

/** Value → nodes that read it, once per slot; graph outputs do not count. */
export function readersOf({ graph }: SlotTable): Map<ValueName, Node[]> {
  const readers = new Map<ValueName, Node[]>();
  for (const node of graph.nodes) {
    for (const name of node.inputs) {
      if (name === "") continue;
      const list = readers.get(name);
      if (list) list.push(node);
      else readers.set(name, [node]);
    }
  }
  return readers;
}
