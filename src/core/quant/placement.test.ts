import { describe, expect, it } from "vitest";
import { StudioError } from "../base/problem.ts";
import { type Graph, intAttribute, intsAttribute, makeNode, type Node } from "../ir/graph.ts";
import { floatTensor, longTensor, type Tensor } from "../ir/tensor.ts";
import { paramsFor } from "./params.ts";
import { assignParams, type PlacementOptions } from "./placement.ts";
import type { Range } from "./range.ts";
import type { QuantRule } from "./rule.ts";
import type { Scheme } from "./scheme.ts";

const activations: Scheme = {
  bits: 8,
  symmetric: false,
  granularity: "tensor",
  scale: "float",
  rounding: "half-even",
  narrow: false,
};

const RULES: Readonly<Record<string, QuantRule>> = {
  Conv: { inputs: ["activation", "weight", "bias"], channelAxis: 0, output: "own" },
  MatMul: { inputs: ["activation", "weight"], channelAxis: -1, output: "own" },
  Add: { inputs: ["activation", "activation"], output: "own" },
  Relu: { inputs: ["activation"], output: "own", fusesIntoProducer: true },
  Sigmoid: { inputs: ["activation"], output: [0, 1] },
  Concat: { inputs: ["activation", "activation"], output: "union" },
  Slice: { inputs: ["activation", "plain", "plain", "plain"], output: "same" },
  Transpose: { inputs: ["activation"], output: "same" },
};

const W = floatTensor([1, 2, 3, 4], [2, 2, 1]);
const M = floatTensor([1, 2, 3, 4], [2, 2]);
const C = floatTensor([0.5, -8], [2]);

function graphOf(
  nodes: readonly Node[],
  outputs: readonly string[],
  inputs: readonly string[] = ["x"],
): Graph {
  const float = (name: string) => ({ name, dtype: "float32" as const });
  return {
    name: "g",
    inputs: inputs.map(float),
    outputs: outputs.map(float),
    initializers: new Map<string, Tensor>([
      ["w", W],
      ["m", M],
      ["c", C],
      ["zero", longTensor([0])],
      ["two", longTensor([2])],
    ]),
    nodes,
    values: new Map(),
  };
}

const op = (name: string, inputs: readonly string[], output: string) => {
  const attributes = { Concat: { axis: intAttribute(1) }, Transpose: { perm: intsAttribute([0, 2, 1]) } };
  return makeNode(name, inputs, [output], attributes[name as "Concat"] ?? {});
};

function assign(graph: Graph, ranges: Readonly<Record<string, Range>>, more: Partial<PlacementOptions> = {}) {
  return assignParams(graph, {
    ruleOf: (node) => RULES[node.op],
    activations,
    rangeOf: (value) => ranges[value] ?? { low: -1, high: 1 },
    ...more,
  });
}

const on = (low: number, high: number) => paramsFor({ low, high }, activations, "int8");

describe("assignParams", () => {
  it("gives movement one set of parameters, from what enters", () => {
    const graph = graphOf(
      [
        op("Conv", ["x", "w"], "a"),
        op("Slice", ["a", "zero", "two", "two"], "b"),
        op("Transpose", ["b"], "t"),
        op("Sigmoid", ["t"], "y"),
      ],
      ["y"],
    );
    const { params } = assign(graph, { a: { low: -3, high: 5 }, b: { low: -9, high: 9 } });
    expect(params.get("a")).toEqual(on(-3, 5));
    expect(params.get("b")).toBe(params.get("a"));
    expect(params.get("t")).toBe(params.get("a"));
    expect(params.get("y")).toEqual(on(0, 1));
  });

  it("unites what is joined, transitively and with constants", () => {
    const graph = graphOf(
      [
        op("Conv", ["x", "w"], "a"),
        op("Sigmoid", ["a"], "s"),
        op("Concat", ["a", "s"], "j"),
        op("Concat", ["j", "c"], "k"),
        op("Conv", ["k", "w"], "y"),
      ],
      ["y"],
    );
    const { params } = assign(graph, { a: { low: -3, high: 0.25 } });
    expect(params.get("k")).toEqual(on(-8, 1));
    for (const name of ["a", "s", "j"]) expect(params.get(name)).toBe(params.get("k"));
  });

  it("leaves what fuses in float, unless it exists outside", () => {
    const nodes = [
      op("MatMul", ["x", "m"], "p"),
      op("Add", ["p", "c"], "b"),
      op("Relu", ["b"], "r"),
      op("Conv", ["r", "w"], "q"),
      op("Relu", ["q"], "y"),
    ];
    const names = (more: Partial<PlacementOptions> = {}, outputs = ["y"]) =>
      [...assign(graphOf(nodes, outputs), {}, more).params.keys()].join(" ");
    expect(names()).toBe("x r y");
    expect(names({ materialised: new Set(["q"]) })).toBe("x r q y");
    expect(names({}, ["y", "b"])).toBe("x b r y");
  });

  it("does not fuse a Relu into movement or into a value that others read", () => {
    const graph = graphOf(
      [
        op("Conv", ["x", "w"], "a"),
        op("Transpose", ["a"], "t"),
        op("Relu", ["t"], "r"),
        op("Relu", ["a"], "s"),
        op("Add", ["r", "s"], "y"),
      ],
      ["y"],
    );
    expect([...assign(graph, {}).params.keys()]).toEqual(["x", "a", "t", "r", "s", "y"]);
  });

  it("keeps values between float nodes float, and a Relu behind a float node with it", () => {
    const nodes = [
      op("Conv", ["x", "w"], "a"),
      op("Softplus", ["a"], "b"),
      op("Transpose", ["b"], "t"),
      op("Conv", ["t", "w"], "k"),
      op("Relu", ["k"], "r"),
      op("Transpose", ["r"], "u"),
      op("Softplus", ["u"], "v"),
      op("Conv", ["v", "w"], "y"),
    ];
    const kept = assign(graphOf(nodes, ["y"]), {}, { keepFloat: new Set(["k"]) });
    expect([...kept.params.keys()]).toEqual(["x", "a", "v", "y"]);
    const all = assign(graphOf(nodes, ["y"]), {});
    expect([...all.params.keys()]).toEqual(["x", "a", "b", "t", "r", "u", "v", "y"]);
  });

  it("ties state pairs that no node connects", () => {
    const graph = graphOf([op("Add", ["x", "h"], "a"), op("Sigmoid", ["a"], "next")], ["next"], ["x", "h"]);
    const { params } = assign(graph, { h: { low: -2, high: 0 } }, { ties: [["h", "next"]] });
    expect(params.get("h")).toEqual(on(-2, 1));
    expect(params.get("next")).toBe(params.get("h"));
  });

  it("warns of values that never moved and refuses values that were never seen", () => {
    const graph = graphOf([op("Conv", ["x", "w"], "y")], ["y"]);
    const { findings, params } = assign(graph, { y: { low: 0, high: 0 } });
    expect(findings).toEqual([{ severity: "warning", problem: { code: "quant.neverMoved", value: "y" } }]);
    expect(params.get("y")).toEqual(on(0, 1e-4));
    const unseen = () =>
      assign(graph, {}, { rangeOf: (value) => (value === "x" ? { low: 0, high: 1 } : undefined) });
    expect(unseen).toThrow(StudioError);
    expect(unseen).toThrow("quant.noStatistics");
  });

  it("takes the range of a moved value when its source was not observed", () => {
    const graph = graphOf([op("Transpose", ["x"], "t"), op("Conv", ["t", "w"], "y")], ["y"]);
    const { params } = assign(graph, {}, { rangeOf: (v) => (v === "x" ? undefined : { low: -4, high: 2 }) });
    expect(params.get("x")).toEqual(on(-4, 2));
  });
});
