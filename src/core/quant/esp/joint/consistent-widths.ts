import type { Graph, Node } from "../../../ir/graph.ts";
import { producersOf } from "../../../ir/walk.ts";
import { readersOf } from "../link-slots.ts";
import type { NumberFormat } from "../number-format.ts";
import { isFloatOutput, isQuantizable } from "../op-roles.ts";
import { type FormatOf, slotsOf } from "../slots-of.ts";
import { isCopy } from "./join-slots.ts";

/**
 * The formats that single nodes were given, so that the chip can run them: a copy has the width of what it reads, and an op with
 * the Relu or Clip that it alone feeds the wider of both (the runtime has no 8-bit product that writes 16 bits).
 */
export function consistentWidths(graph: Graph, formatOf: FormatOf): FormatOf {
  const producers = producersOf(graph);
  const readers = readersOf(slotsOf(graph, formatOf));
  const formats = new Map<Node, NumberFormat>();
  for (const node of graph.nodes) {
    const own = isQuantizable(node.op) ? formatOf(node) : undefined;
    if (!own) continue;
    const [x = ""] = node.inputs;
    const producer = producers.get(x);
    const before = producer && !isFloatOutput(producer.op) ? formats.get(producer) : undefined;
    const fused = (node.op === "Relu" || node.op === "Clip") && readers.get(x)?.length === 1;
    if (isCopy(node.op)) formats.set(node, before ?? own);
    else if (producer && before && fused && before.bits !== own.bits) {
      const wider = before.bits > own.bits ? before : own;
      formats.set(node, wider);
      // A copy before keeps its own width: it computes nothing that a Relu could be part of.
      if (!isCopy(producer.op)) formats.set(producer, wider);
    } else formats.set(node, own);
  }
  return (node) => formats.get(node);
}
