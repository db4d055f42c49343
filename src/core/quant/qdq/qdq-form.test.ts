import { describe, expect, it } from "vitest";
import { GraphSketch, integers } from "../../../../test/stream-lab.ts";
import type { Graph, Node } from "../../ir/graph.ts";
import { elements, floatTensor, longTensor, numbers } from "../../ir/tensor.ts";
import { consumersOf, producersOf } from "../../ir/walk.ts";
import { rulesFor } from "../../ops/catalogue.ts";
import { onnxruntime as target } from "../../targets/onnxruntime.ts";
import { paramsFor } from "../params.ts";
import { assignParams } from "../placement.ts";
import { insertQdq, type QuantizedGraph } from "./insert-qdq.ts";
import type { CacheEnds } from "./spread-params.ts";

const policy = { ruleOf: (node: Node) => rulesFor(node)?.quant };
const { activations, weights } = target;

function quantize(
  offline: Graph,
  streaming: Graph = offline,
  caches: readonly CacheEnds[] = [],
  floatPorts = ["x", "y"],
): QuantizedGraph {
  const { params } = assignParams(offline, { ...policy, activations, rangeOf: () => ({ low: -1, high: 3 }) });
  return insertQdq(streaming, {
    ...policy,
    params,
    activations,
    weights,
    caches,
    floatPorts: new Set(floatPorts),
  });
}

const opsOf = (graph: Graph) => graph.nodes.map((node) => node.op);
const dtypeOf = (graph: Graph, port: string) =>
  [...graph.inputs, ...graph.outputs].find((p) => p.name === port)?.dtype;

/** Conv over history ‖ chunk, as conversion writes it. */
function streamingConv(): Graph {
  const s = new GraphSketch();
  s.input("cache.x", [1, 2, 2]);
  s.input("x", [1, 2, 1]);
  const window = s.op("Concat", ["cache.x", "x"], { axis: 2 }, "window");
  s.op("Relu", [s.conv(window, [3, 2, 3])], {}, "y");
  s.op("Slice", [window, s.longs([1]), s.longs([3]), s.longs([2])], {}, "cache.x.next");
  return s.model(["y", "cache.x.next"]).graph;
}

function offlineConv(): Graph {
  const s = new GraphSketch();
  const x = s.input("x", [1, 2, 8]);
  s.op("Relu", [s.conv(x, [3, 2, 3], { pads: [2, 0] })], {}, "y");
  return s.model(["y"]).graph;
}

const CACHE: CacheEnds = { value: "x", input: "cache.x", output: "cache.x.next" };

describe("the quantized form of", () => {
  it("a convolution with a cache keeps the cache in integers and fuses Relu", () => {
    const { graph, quantized } = quantize(offlineConv(), streamingConv(), [CACHE]);
    expect(opsOf(graph)).toEqual([
      "QuantizeLinear",
      "Concat",
      "DequantizeLinear",
      "DequantizeLinear",
      "DequantizeLinear",
      "Conv",
      "Relu",
      "QuantizeLinear",
      "DequantizeLinear",
      "Slice",
    ]);
    expect(["x", "y", "cache.x", "cache.x.next"].map((p) => dtypeOf(graph, p))).toEqual([
      "float32",
      "float32",
      "int8",
      "int8",
    ]);
    expect(quantized.get("x")).toEqual({
      name: "x.quantized",
      params: paramsFor({ low: -1, high: 3 }, activations, "int8"),
    });
    expect(quantized.get("cache.x.next")?.params).toBe(quantized.get("x")?.params);
  });

  it("weights and biases is int8 per channel and int32 at the product of the scales", () => {
    const { graph, quantized } = quantize(offlineConv());
    const makers = producersOf(graph);
    const conv = graph.nodes.find((node) => node.op === "Conv");
    const [, weight, bias] = (conv?.inputs ?? []).map((name) => makers.get(name)?.inputs ?? []);
    const constant = (name = "") => graph.initializers.get(name);
    expect(constant(weight?.[0])?.dtype).toBe("int8");
    expect(constant(weight?.[1])?.dims).toEqual([3]);
    expect(constant(bias?.[0])?.dtype).toBe("int32");
    const inputScale = quantized.get("x")?.params.scales[0] ?? 0;
    const scales = constant(weight?.[1]);
    const expected = scales && numbers(scales).map((s) => Math.fround(s * inputScale));
    expect(numbers(constant(bias?.[1]) ?? floatTensor([], []))).toEqual(expected);
    // The float originals are gone.
    expect([...graph.initializers.values()].some((t) => t.dtype === "float32" && t.dims.length > 1)).toBe(
      false,
    );
  });

  it("a value with several readers has one quantizer and a dequantizer per reader", () => {
    const s = new GraphSketch();
    const x = s.input("x", [1, 2, 8]);
    const a = s.op("Sigmoid", [x], {}, "a");
    s.op("Add", [s.op("Mul", [a, x]), a], {}, "y");
    const { graph } = quantize(s.model(["y"]).graph);
    const readers = consumersOf(graph).get("a") ?? [];
    expect(readers.map((node) => node.op)).toEqual(["DequantizeLinear", "DequantizeLinear"]);
    for (const reader of readers) expect(consumersOf(graph).get(reader.outputs[0] ?? "")?.length).toBe(1);
  });

  it("a module port between two modules is an integer tensor of the same name", () => {
    const s = new GraphSketch();
    s.op("Tanh", [s.input("x", [1, 2, 8])], {}, "h");
    s.op("Sigmoid", ["h"], {}, "y");
    const offline = s.model(["y"]).graph;
    const [first, second] = offline.nodes;
    const port = (name: string) => ({ name, dtype: "float32" as const, shape: [1, 2, 8] });
    const front = quantize(offline, { ...offline, nodes: [first as Node], outputs: [port("h")] });
    const back = quantize(offline, { ...offline, nodes: [second as Node], inputs: [port("h")] });
    expect(dtypeOf(front.graph, "h")).toBe("int8");
    expect(dtypeOf(back.graph, "h")).toBe("int8");
    expect(front.quantized.get("h")).toEqual(back.quantized.get("h"));
    expect(opsOf(back.graph)).toEqual(["DequantizeLinear", "Sigmoid", "QuantizeLinear", "DequantizeLinear"]);
  });

  it("a pad runs in float between equal parameters", () => {
    const s = new GraphSketch();
    const pads = s.constant("pads", longTensor([0, 0, 1, 0, 0, 0]));
    s.op("Sigmoid", [s.op("Pad", [s.input("x", [1, 2, 8]), pads], {}, "p")], {}, "y");
    const { graph, quantized } = quantize(s.model(["y"]).graph);
    expect(opsOf(graph).slice(0, 4)).toEqual(["QuantizeLinear", "DequantizeLinear", "Pad", "QuantizeLinear"]);
    expect(quantized.get("p")?.params).toBe(quantized.get("x")?.params);
  });

  it("a joined constant is that constant's integers", () => {
    const s = new GraphSketch();
    const zeros = s.constant("zeros", floatTensor([0, 0, 3, 3], [1, 2, 2]));
    s.op("Sigmoid", [s.op("Concat", [zeros, s.input("x", [1, 2, 8])], { axis: 2 })], {}, "y");
    const { graph } = quantize(s.model(["y"]).graph);
    const joined = graph.nodes.find((node) => node.op === "Concat");
    const integersOf = graph.initializers.get(joined?.inputs[0] ?? "");
    expect(integersOf && [...elements(integersOf)].map(Number)).toEqual([-64, -64, 127, 127]);
  });

  it("a product keeps its added constant in float", () => {
    const s = new GraphSketch();
    const product = s.op("MatMul", [s.input("x", [1, 4]), s.constant("w", integers(1, [4, 3], 3))]);
    s.op("Add", [product, s.constant("c", integers(2, [3], 3))], {}, "y");
    const { graph } = quantize(s.model(["y"]).graph);
    expect(opsOf(graph)).toEqual([
      "QuantizeLinear",
      "DequantizeLinear",
      "DequantizeLinear",
      "MatMul",
      "Add",
      "QuantizeLinear",
      "DequantizeLinear",
    ]);
    expect(graph.nodes[4]?.inputs[1]).toBe("c");
  });
});
