import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import type { Graph, Model } from "../core/ir/graph.ts";

/** Bytes of a graph that Rill made, in the opsets of the model it came from. */
export function encodeGraph(
  graph: Graph,
  opsets: Model["opsets"],
  metadata?: ReadonlyMap<string, string>,
): Uint8Array {
  const domains = new Map([...opsets].filter(([domain]) => domain !== ""));
  return encodeModel(
    makeModel(graph, { opset: opsets.get("") ?? 18, domains, ...(metadata && { metadata }) }),
  );
}
