import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Graph, type Model, makeNode, type Node, type ValueName } from "../../../ir/graph.ts";
import { floatTensor, type Tensor } from "../../../ir/tensor.ts";
import type { NumberFormat } from "../number-format.ts";
import { placeExponents } from "../place-exponents.ts";
import { ChipLimits } from "./chip-limits.ts";
import type { ExponentState } from "./exponent-state.ts";
import { placementOf, stateOf } from "./exponent-state.ts";
import { FilterChannels, largestSum } from "./filter-sums.ts";
import { jointGroups } from "./joint-groups.ts";

const S3: NumberFormat = { bits: 8, biasBits: 20, rounding: "half-up", perChannelFilters: false };

function graphOf(nodes: Node[], output: ValueName, constants: Record<string, Tensor> = {}): Graph {
  return {
    name: "g",
    inputs: [{ name: "x", dtype: "float32", shape: [1, 2, 8] }],
    outputs: [{ name: output }],
    initializers: new Map(Object.entries(constants)),
    nodes,
    values: new Map() satisfies Model["graph"]["values"],
  };
}

const groupsOf = (graph: Graph) => jointGroups({ graph, formatOf: () => S3 });

/** Exponents that a value has, by the node that reads or makes it. */
function exponentsIn(graph: Graph, state: (values: readonly ValueName[]) => number): Record<string, number> {
  const joint = groupsOf(graph);
  const placement = placementOf(joint, {
    groups: joint.groups.map((g) => state(g.values)),
    parameters: joint.parameters.map(() => [-7]),
  });
  const found: Record<string, number> = {};
  for (const { node, inputs, outputs } of placement.values())
    for (const slot of [...inputs, ...outputs])
      if (slot) found[`${node.name} ${slot.value}`] = slot.exponents[0] ?? 0;
  return found;
}

const weight = floatTensor([0.5, -0.25, 1, 0.75], [2, 2, 1]);

test("of a placement that knows no groups, a group takes the exponent that clips none of its values", () => {
  const graph = graphOf([makeNode("Transpose", ["x"], ["t"], {}, "t")], "t");
  const joint = groupsOf(graph);
  // The silent state of a recurrence reads like this: what decides has an exponent that holds next to nothing.
  for (const [x, t] of [
    [-27, -7],
    [-7, -27],
  ] as const) {
    const theirs = placeExponents({ graph, formatOf: () => S3 }, ({ value }) => (value === "x" ? x : t));
    // A placement knows nodes by identity, and both have the graph's.
    expect(stateOf(joint, theirs, { groups: [0], parameters: [] }).groups).toEqual([-7]);
  }
});

describe("what has to be equal is equal, what need not be is free", () => {
  test("a copy that reads the graph's input stores what it reads", () => {
    const graph = graphOf([makeNode("Transpose", ["x"], ["t"], {}, "t")], "t");
    expect(groupsOf(graph).groups).toHaveLength(1);
    // ESP-PPQ calibrates both sides on their own.
    const theirs = placeExponents({ graph, formatOf: () => S3 }, ({ value }) => (value === "x" ? -5 : -4));
    const [slots] = theirs.values();
    expect(slots?.inputs[0]?.exponents).not.toEqual(slots?.outputs[0]?.exponents);
  });

  test.each(["InsertZeros", "DepthToSpace", "SpaceToDepth", "Neg"])("%s hands its exponent on", (op) => {
    const nodes = [makeNode("Sigmoid", ["x"], ["s"], {}, "s"), makeNode(op, ["s"], ["c"], {}, "c")];
    const graph = graphOf(nodes, "c");
    const ours = exponentsIn(graph, (values) => (values.includes("s") ? -7 : -4));
    expect(ours["c c"]).toBe(ours["c s"]);
    const theirs = placeExponents({ graph, formatOf: () => S3 }, ({ value }) => (value === "c" ? -5 : -7));
    const copy = [...theirs.values()].find((p) => p.node.name === "c");
    expect(copy?.inputs[0]?.exponents).not.toEqual(copy?.outputs[0]?.exponents);
  });

  test("a value that only an Add reads is written with the sum's exponent, through a Slice too", () => {
    const nodes = [
      makeNode("Conv", ["x", "w"], ["a"], {}, "conv"),
      makeNode("Slice", ["a", "i", "i"], ["b"], {}, "slice"),
      makeNode("Sigmoid", ["x"], ["s"], {}, "sigmoid"),
      makeNode("Add", ["b", "s"], ["y"], {}, "add"),
    ];
    const graph = graphOf(nodes, "y", { w: weight });
    const ours = exponentsIn(graph, (values) => (values.includes("y") ? -3 : -6));
    for (const place of ["conv a", "slice a", "slice b", "add b", "sigmoid s", "add s", "add y"])
      expect(ours[place], place).toBe(-3);
    expect(ours["conv x"]).toBe(-6);
    const theirs = placeExponents({ graph, formatOf: () => S3 }, ({ value }) => (value === "y" ? -3 : -6));
    const slice = [...theirs.values()].find((p) => p.node.name === "slice");
    // There it is not: a RequantizeLinear follows the Slice.
    expect(slice?.outputs[0]?.exponents).toEqual([-6]);
  });

  test("an input that others read keeps its own exponent beside an Add's", () => {
    const nodes = [
      makeNode("Conv", ["x", "w"], ["a"], {}, "conv"),
      makeNode("Add", ["x", "a"], ["y"], {}, "add"),
    ];
    const ours = exponentsIn(graphOf(nodes, "y", { w: weight }), (values) =>
      values.includes("y") ? -3 : -6,
    );
    expect(ours["conv x"]).toBe(-6);
    expect(ours["add x"]).toBe(-3);
  });

  test("a comparison loses no bit", () => {
    const nodes = [
      makeNode("Sigmoid", ["x"], ["s"], {}, "s"),
      makeNode("Tanh", ["x"], ["t"], {}, "t"),
      makeNode("Greater", ["s", "t"], ["y"], {}, "greater"),
    ];
    const graph = graphOf(nodes, "y");
    const ours = exponentsIn(graph, () => -7);
    expect(ours["greater s"]).toBe(-7);
    expect(ours["greater t"]).toBe(-7);
    const theirs = placeExponents({ graph, formatOf: () => S3 }, () => -7);
    const greater = [...theirs.values()].find((p) => p.node.name === "greater");
    expect(greater?.inputs[0]?.exponents).toEqual([-6]);
  });

  test("a softmax that a Concat reads stays in float", () => {
    const nodes = [
      makeNode("Softmax", ["x"], ["s"], {}, "softmax"),
      makeNode("Sigmoid", ["x"], ["t"], {}, "sigmoid"),
      makeNode("Concat", ["s", "t"], ["y"], {}, "concat"),
    ];
    const graph = graphOf(nodes, "y");
    expect(exponentsIn(graph, () => -7)).not.toHaveProperty("softmax s");
    const theirs = placeExponents({ graph, formatOf: () => S3 }, () => -7);
    const softmax = [...theirs.values()].find((p) => p.node.name === "softmax");
    expect(softmax?.outputs[0]?.exponents).toEqual([-7]);
  });
});

describe("what a chip can compute", () => {
  const nodes = [makeNode("Conv", ["x", "w", "b"], ["y"], {}, "conv")];
  const limitsOf = (bias: number[]) => {
    const joint = groupsOf(graphOf(nodes, "y", { w: weight, b: floatTensor(bias, [2]) }));
    return { joint, limits: new ChipLimits(joint, () => undefined) };
  };
  const stateOf = (x: number, y: number, w: number, groups: ReturnType<typeof groupsOf>): ExponentState => ({
    groups: groups.groups.map((g) => (g.values.includes("y") ? y : x)),
    parameters: [[w]],
  });

  test("no shift is negative", () => {
    const { joint, limits } = limitsOf([0, 0]);
    const settled = limits.settle(stateOf(-4, -14, -6, joint));
    expect(settled?.raises).toEqual([{ node: "y", value: "y", reason: "negativeShift", from: -14, to: -10 }]);
  });

  test("a bias beyond 20 bits makes the filter coarser", () => {
    const { joint, limits } = limitsOf([3, -40]);
    const settled = limits.settle(stateOf(-8, -2, -9, joint));
    const [raise] = settled?.raises ?? [];
    expect(raise).toMatchObject({ value: "w", reason: "biasRange", from: -9 });
    const exponent = settled?.state.parameters[0]?.[0] ?? 0;
    expect(40 * 2 ** -(exponent - 8)).toBeLessThan(2 ** 19);
    expect(40 * 2 ** -(exponent - 1 - 8) + 128 * 96).toBeGreaterThan(2 ** 19);
  });

  test("the matrices of a recurrence stay within the shifts to its gates", () => {
    const matrix = floatTensor(new Float32Array(12), [1, 6, 2]);
    const graph = graphOf([makeNode("GRU", ["x", "w", "r"], ["y"], {}, "gru")], "y", {
      w: matrix,
      r: matrix,
    });
    const joint = jointGroups({ graph, formatOf: () => ({ ...S3, bits: 16 }) });
    const from = { groups: joint.groups.map(() => -15), parameters: joint.parameters.map(() => [-30]) };
    const settled = new ChipLimits(joint, () => undefined).settle(from);
    // −9 + 15 − e ≤ 30.
    expect(settled?.state.parameters).toEqual([[-24], [-24]]);
    expect(settled?.raises.map((r) => [r.value, r.reason])).toEqual([
      ["w", "hugeShift"],
      ["r", "hugeShift"],
    ]);
  });

  test("a softmax of 8 bits reads nothing whose exponential overflows, and is named where it would", () => {
    const softmax = (bits: 8 | 16) => {
      const graph = graphOf([makeNode("Softmax", ["x"], ["y"], {}, "softmax")], "y");
      const joint = jointGroups({ graph, formatOf: () => ({ ...S3, bits }) });
      const at = (e: number): ExponentState => ({ groups: joint.groups.map(() => e), parameters: [] });
      return { at, limits: new ChipLimits(joint, () => undefined) };
    };
    const { at, limits } = softmax(8);
    expect(limits.settle(at(-1))?.state).toEqual(at(-1));
    expect(limits.settle(at(0))).toBeUndefined();
    expect(limits.softmaxBeyond(at(0))).toMatchObject({ node: { op: "Softmax" }, value: "x" });
    expect(limits.softmaxBeyond(at(-1))).toBeUndefined();
    expect(softmax(16).limits.settle(at(0))?.state).toEqual(at(0));
  });

  test("no partial sum passes the bound", () => {
    const int8 = fc.integer({ min: -128, max: 127 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(int8, int8), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: -5000, max: 5000 }),
        (taps, bias) => {
          const low = Math.min(0, ...taps.map(([, x]) => x));
          const high = Math.max(0, ...taps.map(([, x]) => x));
          const filter = new FilterChannels(
            floatTensor(
              taps.map(([w]) => w),
              [1, taps.length],
            ),
            0,
          );
          const bound = largestSum(filter.sums(0, 0, 8, "half-up"), low, high, bias);
          let sum = bias;
          for (const [w, x] of taps) {
            sum += w * x;
            expect(Math.abs(sum)).toBeLessThanOrEqual(bound);
          }
        },
      ),
    );
  });
});
