import { decodeModel } from "../src/core/format/onnx/decode-model.ts";
import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { makeModel } from "../src/core/format/onnx/make-model.ts";
import { type Graph, makeNode } from "../src/core/ir/graph.ts";
import { tensorOf } from "../src/core/ir/tensor.ts";
import { producersOf } from "../src/core/ir/walk.ts";
import type { LayoutInput } from "../src/core/layout/layout.ts";
import { layoutGraph } from "../src/core/layout/layout-graph.ts";
import { unet } from "../test/synthetic-graphs.ts";
import { type Bench, cpuSeconds } from "./bench.ts";

const NODES = 20_000;
const CHANNELS = 16;
const GOAL_SECONDS = 0.5;

/** A generated network with long skips and a weight per convolution, as ONNX bytes. */
function generated(): Uint8Array {
  const { nodes, edges } = unet(NODES);
  const inputs: string[][] = nodes.map(() => []);
  for (const [from, to] of edges) inputs[to]?.push(`v${from}`);
  const weight = () => tensorOf(new Float32Array(CHANNELS * CHANNELS * 3), [CHANNELS, CHANNELS, 3]);
  const weights = new Map(
    nodes.flatMap(({ op }, i) => (op === "Conv" ? [[`w${i}`, weight()] as const] : [])),
  );
  const info = (name: string) => ({ name, dtype: "float32" as const, shape: [1, CHANNELS, "T"] });
  const graph: Graph = {
    name: "generated",
    inputs: [info("x")],
    outputs: [info(`v${nodes.length - 1}`)],
    initializers: weights,
    nodes: nodes.map(({ op, name }, i) => {
      const read = inputs[i]?.length ? (inputs[i] ?? []) : ["x"];
      return makeNode(op, weights.has(`w${i}`) ? [...read, `w${i}`] : read, [`v${i}`], {}, name);
    }),
    values: new Map(),
  };
  return encodeModel(makeModel(graph, { opset: 17 }));
}

function layoutInputOf(graph: Graph): LayoutInput {
  const index = new Map(graph.nodes.map((node, i) => [node, i]));
  const producers = producersOf(graph);
  const edges: number[] = [];
  graph.nodes.forEach((node, to) => {
    for (const name of node.inputs) {
      const producer = producers.get(name);
      const from = producer === undefined ? undefined : index.get(producer);
      if (from !== undefined) edges.push(from, to);
    }
  });
  const sizes = new Float32Array(2 * graph.nodes.length);
  for (let i = 0; i < sizes.length; i += 2) sizes.set([140, 36], i);
  return { sizes, edges: Int32Array.from(edges) };
}

export const largeModel: Bench = {
  name: `A generated model of ${NODES} nodes`,
  run() {
    const bytes = generated();
    const decode = cpuSeconds(3, () => decodeModel(bytes));
    const input = layoutInputOf(decodeModel(bytes).graph);
    const layout = cpuSeconds(5, () => layoutGraph(input, { wrapHeight: 4000 }));
    return Promise.resolve([
      { what: `decode ${(bytes.length / 2 ** 20).toFixed(1)} MiB, CPU seconds`, value: decode.toFixed(3) },
      {
        what: "layout, CPU seconds",
        value: layout.toFixed(3),
        goal: { text: `≤ ${GOAL_SECONDS}`, met: layout <= GOAL_SECONDS },
      },
      { what: "layout / decode", value: (layout / decode).toFixed(2) },
    ]);
  },
};
