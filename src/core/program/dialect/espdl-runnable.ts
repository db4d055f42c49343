import { attributesOf } from "../../ir/attributes.ts";
import {
  type Graph,
  intAttribute,
  intsAttribute,
  type Model,
  makeNode,
  type Node,
  type ValueName,
} from "../../ir/graph.ts";
import { applyPatch } from "../../ir/patch.ts";
import { floatTensor, type Tensor } from "../../ir/tensor.ts";
import { freshNames } from "../../passes/pass.ts";
import { INSERT_ZEROS } from "./zero-insertion.ts";

/**
 * The dialect in ONNX operators that compute the same, value by value: Swish as Sigmoid and Mul, InsertZeros as a transposed
 * convolution with one tap of 1 per channel (a product by 1 and sums with 0 are exact).
 */
export function runnableDialect(model: Model): Model {
  const fresh = freshNames(model);
  const replaceNodes = new Map<Node, Node>();
  const addNodes: Node[] = [];
  const setInitializers = new Map<ValueName, Tensor>();
  for (const node of model.graph.nodes) {
    const [x = ""] = node.inputs;
    if (node.op === "Swish") {
      const gate = fresh(`${x}.sigmoid`);
      addNodes.push(makeNode("Sigmoid", [x], [gate]));
      replaceNodes.set(node, makeNode("Mul", [x, gate], node.outputs, {}, node.name));
    } else if (node.op === INSERT_ZEROS) {
      const channels = channelsOf(model.graph, node);
      const taps = fresh(`${x}.tap`);
      const spatial = attributesOf(node).ints("stride", []);
      setInitializers.set(taps, onesTensor([channels, 1, ...spatial.map(() => 1)]));
      replaceNodes.set(node, transposed(node, x, taps, channels));
    }
  }
  const graph: Graph = applyPatch(model.graph, { replaceNodes, addNodes, setInitializers });
  return { ...model, graph };
}

/** The convolution behind the zeros says how many channels they have: shapes may not be known yet. */
function channelsOf({ nodes, initializers }: Graph, zeros: Node): number {
  const [made = ""] = zeros.outputs;
  const reader = nodes.find((n) => n.op === "Conv" && n.inputs[0] === made);
  const perGroup = initializers.get(reader?.inputs[1] ?? "")?.dims[1];
  if (!reader || perGroup === undefined) throw new Error(`${zeros.name}: no convolution reads it`);
  return perGroup * attributesOf(reader).int("group", 1);
}

function onesTensor(dims: readonly number[]): Tensor {
  return floatTensor(new Float32Array(dims.reduce((n, d) => n * d, 1)).fill(1), dims);
}

function transposed(node: Node, x: ValueName, taps: ValueName, channels: number): Node {
  const a = attributesOf(node);
  const stride = a.ints("stride", []);
  return makeNode(
    "ConvTranspose",
    [x, taps],
    node.outputs,
    {
      kernel_shape: intsAttribute(stride.map(() => 1)),
      strides: intsAttribute(stride),
      output_padding: intsAttribute(a.ints("output_padding", [])),
      group: intAttribute(channels),
    },
    node.name,
  );
}
