import { decodeModel } from "../src/core/format/onnx/decode-model.ts";
import type { Graph } from "../src/core/ir/graph.ts";
import { producersOf } from "../src/core/ir/walk.ts";
import type { LayoutInput } from "../src/core/layout/layout.ts";
import { layoutGraph } from "../src/core/layout/layout-graph.ts";
import { unet } from "../test/synthetic-graphs.ts";
import { type Bench, cpuSeconds } from "./bench.ts";
import { generatedModel } from "./generated-model.ts";

const NODES = 20_000;
const GOAL_SECONDS = 0.5;

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
    const bytes = generatedModel(unet(NODES));
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
