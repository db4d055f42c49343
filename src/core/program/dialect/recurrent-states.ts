import { makeNode, type Node, type ValueName } from "../../ir/graph.ts";
import { floatTensor, type Tensor } from "../../ir/tensor.ts";
import { freshNames, type Pass } from "../../passes/pass.ts";

/** Place of the initial states among the inputs, and how many there are. */
const STATES = { GRU: { first: 5, count: 1 }, LSTM: { first: 5, count: 2 } } as const;

/**
 * GRU and LSTM with all the states that the runtime reads and writes: initial ones of zeros where none are given, last ones with a
 * name where nobody reads them. ESP-PPQ stops at a recurrence without them.
 */
export const recurrentStates: Pass = {
  name: "recurrent-states",
  run({ model }) {
    const fresh = freshNames(model);
    const replaceNodes = new Map<Node, Node>();
    const setInitializers = new Map<ValueName, Tensor>();
    for (const node of model.graph.nodes) {
      if (node.op !== "GRU" && node.op !== "LSTM") continue;
      const { first, count } = STATES[node.op];
      const [directions, , hidden] = model.graph.initializers.get(node.inputs[2] ?? "")?.dims ?? [];
      if (directions === undefined || hidden === undefined) continue;
      const at = (names: readonly ValueName[], i: number): ValueName => names[i] ?? "";
      const complete =
        Array.from({ length: count }, (_, i) => at(node.inputs, first + i)).every((name) => name !== "") &&
        Array.from({ length: count + 1 }, (_, i) => at(node.outputs, i)).every((name) => name !== "");
      if (complete) continue;
      const base = at(node.outputs, 0) || node.name || "recurrence";
      const inputs = Array.from(
        { length: Math.max(node.inputs.length, first + count) },
        (_, i): ValueName => {
          const given = at(node.inputs, i);
          if (given !== "" || i < first || i >= first + count) return given;
          const name = fresh(`${base}.initial`);
          setInitializers.set(
            name,
            floatTensor(new Float32Array(directions * hidden), [directions, 1, hidden]),
          );
          return name;
        },
      );
      const outputs = Array.from(
        { length: count + 1 },
        (_, i): ValueName => at(node.outputs, i) || fresh(`${base}.last`),
      );
      replaceNodes.set(node, makeNode(node.op, inputs, outputs, node.attributes, node.name));
    }
    return replaceNodes.size === 0 ? undefined : { replaceNodes, setInitializers };
  },
};
