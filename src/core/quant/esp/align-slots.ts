import { producersOf } from "../../ir/walk.ts";
import { exponentOfRange } from "./exponent.ts";
import { readersOf } from "./link-slots.ts";
import { integersOf } from "./number-format.ts";
import { isComparison, isPassive, takesOutputExponent } from "./op-roles.ts";
import { exponentsOf, follow, type Slot } from "./slot.ts";
import type { NodeSlots, SlotTable } from "./slots-of.ts";

/**
 * Makes the raw integers of one op comparable: inputs of Add, Sub, Concat, Resize take the output's exponent, comparisons one
 * above their largest input's. A producer that nothing else reads then
 * writes with that exponent at once. Needs the calibrated exponents. Source: quantization/optim/refine.py 529–678.
 */
export function alignSlots(table: SlotTable): void {
  const readers = readersOf(table);
  const producers = producersOf(table.graph);
  for (const aligned of table.nodes) {
    const master = masterOf(aligned);
    if (!master) continue;
    for (const name of new Set(aligned.node.inputs)) {
      const node = producers.get(name);
      const producer = node && table.of.get(node);
      if (!producer || isPassive(producer.node.op)) continue;
      const reads = producer.node.outputs.reduce((n, o) => n + (readers.get(o)?.length ?? 0), 0);
      if (reads !== 1) continue;
      for (const made of producer.outputs) if (made?.value === name) follow(made, master);
    }
  }
}

function masterOf(aligned: NodeSlots): Slot | undefined {
  const { node, inputs, outputs } = aligned;
  const [output] = outputs;
  if (takesOutputExponent(node.op)) {
    if (!output) return undefined;
    for (const input of inputs) if (input && input.rule !== "float") follow(input, output);
    return output;
  }
  if (isComparison(node.op)) return alignToLarge(inputs.filter((s) => s !== undefined));
  return undefined;
}

/** Input 0 leads with an exponent that holds every input's whole range; by the rule's 127.5 that is one above the largest. */
function alignToLarge(inputs: readonly Slot[]): Slot | undefined {
  const [first, ...others] = inputs;
  if (!first) return undefined;
  const { min, max } = integersOf(first.bits);
  const scales = inputs.flatMap((slot) => exponentsOf(slot) ?? []).map((e) => 2 ** e);
  if (scales.length === 0) return undefined;
  const largest = Math.max(...scales);
  first.exponents = [exponentOfRange(largest * min, largest * max, first.bits)];
  first.follows = first;
  first.state = "passive";
  for (const slot of others) follow(slot, first);
  return first;
}
