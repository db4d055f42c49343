import { layoutGraph } from "../../core/layout/layout-graph.ts";
import type { ModelSummary, NodeSummary } from "../../engine/reports.ts";
import { buildScene, type Measure } from "./graph-scene.ts";
import type { Grouping } from "./group-boxes.ts";
import { type Picture, pictureOf } from "./picture.ts";

/** Seven px per character: sizes without a browser. For tests. */
export const measure: Measure = (text) => text.length * 7;

/** A summary of ops given as [op, inputs, output]; values are 1×8×T; the first input is "x". For tests. */
export function summaryOf(
  ops: readonly (readonly [string, readonly string[], string])[],
  initializers: readonly string[] = [],
): ModelSummary {
  const shape = [1, 8, "T"] as const;
  const nodes = ops.map(([op, inputs, output]): NodeSummary => {
    return {
      key: output,
      op,
      domain: "",
      name: `/${output}/${op}`,
      inputs,
      outputs: [output],
      attributes: {},
      macs: 0,
      weightBytes: 0,
    };
  });
  return {
    name: "test",
    sha256: "",
    irVersion: 8,
    opset: 17,
    producer: "",
    inputs: [{ name: "x", shape }],
    outputs: [{ name: ops.at(-1)?.[2] ?? "x", shape }],
    nodes,
    values: ops.map(([, , output]) => ({ name: output, shape })),
    initializers: initializers.map((name) => ({ name, shape: [8, 8, 3], bytes: 768 })),
    docs: {},
    opHistogram: {},
    parameterCount: 0,
    metadata: {},
    support: [],
    findings: [],
    quantized: false,
  };
}

/** x → a → {b, c} → d (Add) → e, with a residual from a to e. For tests. */
export const DIAMOND = summaryOf(
  [
    ["Conv", ["x", "w"], "a"],
    ["Relu", ["a"], "b"],
    ["Sigmoid", ["a"], "c"],
    ["Mul", ["b", "c"], "d"],
    ["Add", ["d", "a"], "e"],
  ],
  ["w"],
);

export function pictureFor(
  summary: ModelSummary,
  wrapHeight: number | "auto" = 0,
  grouping?: Grouping,
): Picture {
  const scene = buildScene(summary, measure, grouping);
  return pictureOf(scene, layoutGraph(scene.layoutInput, { wrapHeight }));
}
