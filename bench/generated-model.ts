import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { makeModel } from "../src/core/format/onnx/make-model.ts";
import { type Graph, makeNode } from "../src/core/ir/graph.ts";
import { tensorOf } from "../src/core/ir/tensor.ts";
import type { SyntheticGraph } from "../test/synthetic-graphs.ts";

const CHANNELS = 16;

/** ONNX bytes of a generated network, a weight per convolution. Without scopes, names tell the operator alone. */
export function generatedModel(
  { nodes, edges }: SyntheticGraph,
  names: "scoped" | "flat" = "scoped",
): Uint8Array {
  const inputs: string[][] = nodes.map(() => []);
  for (const [from, to] of edges) inputs[to]?.push(`v${from}`);
  const weight = () => tensorOf(new Float32Array(CHANNELS * CHANNELS), [CHANNELS, CHANNELS, 1]);
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
      const all = weights.has(`w${i}`) ? [...read, `w${i}`] : read;
      return makeNode(op, all, [`v${i}`], {}, names === "scoped" ? name : `${op}_${i}`);
    }),
    values: new Map(),
  };
  return encodeModel(makeModel(graph, { opset: 17 }));
}
