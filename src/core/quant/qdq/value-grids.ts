import { attributesOf } from "../../ir/attributes.ts";
import type { Graph, ValueName } from "../../ir/graph.ts";
import type { Grid } from "../quantized-model.ts";
import { gridOf } from "./read-qdq.ts";

/** A grid with the axis that several scales run along. */
export interface ValueGrid extends Grid {
  readonly axis?: number;
}

/** The grid of every value that a QuantizeLinear or DequantizeLinear reads or makes: of the integers, and of the reals beside them. */
export function valueGrids(graph: Graph): Map<ValueName, ValueGrid> {
  const grids = new Map<ValueName, ValueGrid>();
  for (const node of graph.nodes) {
    const grid = gridOf(graph, node);
    if (!grid) continue;
    const several = grid.scales.length > 1 ? { axis: attributesOf(node).int("axis", 1) } : {};
    for (const name of [node.inputs[0] ?? "", node.outputs[0] ?? ""])
      if (name !== "" && !grids.has(name)) grids.set(name, { ...grid, ...several });
  }
  return grids;
}
