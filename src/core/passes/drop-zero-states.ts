import { attributesOf } from "../ir/attributes.ts";
import type { Graph, Node, ValueName } from "../ir/graph.ts";
import { producersOf } from "../ir/walk.ts";
import type { Pass } from "./pass.ts";

const RECURRENT: ReadonlySet<string> = new Set(["LSTM", "GRU", "RNN"]);
/** Inputs with the states before the first frame. */
const STATES = [5, 6];

/** Whatever their other inputs say, these have nothing but elements of input 0. */
const MOVES: ReadonlySet<string> = new Set([
  "Expand",
  "Gather",
  "Identity",
  "Reshape",
  "Slice",
  "Squeeze",
  "Tile",
  "Transpose",
  "Unsqueeze",
]);

/**
 * Leaves out initial states that are zero everywhere, which is what an absent one means. Exporters write them with the
 * length or the batch size of their example, or compute them from it.
 */
export const dropZeroStates: Pass = {
  name: "drop-zero-states",
  needs: [...RECURRENT],
  run({ model }) {
    const producers = producersOf(model.graph);
    const replaceNodes = new Map<Node, Node>();
    for (const node of model.graph.nodes) {
      if (node.domain !== "" || !RECURRENT.has(node.op)) continue;
      const zero = (i: number) => isZero(model.graph, producers, node.inputs[i] ?? "");
      const dropped = STATES.filter(zero);
      if (dropped.length === 0) continue;
      const inputs = node.inputs.map((name, i) => (dropped.includes(i) ? "" : name));
      while (inputs.at(-1) === "") inputs.pop();
      replaceNodes.set(node, { ...node, inputs });
    }
    return replaceNodes.size === 0 ? undefined : { replaceNodes };
  },
};

function isZero(graph: Graph, producers: ReadonlyMap<ValueName, Node>, name: ValueName): boolean {
  const constant = graph.initializers.get(name);
  if (constant) return !constant.strings && constant.bytes.every((b) => b === 0);
  const node = producers.get(name);
  if (node?.domain !== "") return false;
  if (node.op === "ConstantOfShape") {
    const value = attributesOf(node).tensor("value");
    return value === undefined || value.bytes.every((b) => b === 0);
  }
  const all = (names: readonly ValueName[]) => names.every((input) => isZero(graph, producers, input));
  if (node.op === "Concat") return all(node.inputs);
  return MOVES.has(node.op) && all(node.inputs.slice(0, 1));
}
