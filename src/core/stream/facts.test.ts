import { describe, expect, test } from "vitest";
import { analyse, GraphSketch, integers } from "../../../test/stream-lab.ts";
import type { RefusalReason } from "../base/problem.ts";
import { rational } from "../base/rational.ts";
import { inferShapes } from "../passes/infer-shapes.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { deriveFacts, guardsOf } from "./facts.ts";

function refusalsOf(
  build: (g: GraphSketch) => string,
  shape: (number | string)[] = [1, 4, "T"],
): [string, RefusalReason][] {
  const g = new GraphSketch();
  g.input("x", shape);
  const analysis = analyse(g.model([build(g)]), { x: 2 });
  return reasons(analysis);
}

function reasons(analysis: StreamAnalysis): [string, RefusalReason][] {
  return analysis.refusals.map(({ problem }) => {
    if (problem.code !== "stream.refused") throw new Error(problem.code);
    return [problem.node, problem.reason];
  });
}

const same = (g: GraphSketch, x: string) => g.conv(x, [4, 4, 3], { pads: [1, 1] });

describe("facts", () => {
  test("rate, delay and field of a strided stack", () => {
    const g = new GraphSketch();
    g.input("x", [1, 4, "T"]);
    const a = g.conv("x", [4, 4, 4], { strides: [2] });
    const b = g.conv(a, [4, 4, 3]);
    const { facts, minimalChunk } = analyse(g.model([b]), { x: 2 });
    expect(minimalChunk).toBe(2);
    expect(facts.get(a)).toMatchObject({ rate: rational(1, 2), delay: 1, field: { past: 0, future: 3 } });
    expect(facts.get(b)).toMatchObject({ rate: rational(1, 2), delay: 3, field: { past: 0, future: 7 } });
  });

  test("every first cause is listed once; what depends on it is silent", () => {
    const g = new GraphSketch();
    g.input("x", [1, 4, "T"]);
    const bad = g.op("GlobalAveragePool", ["x"], {}, "bad");
    const worse = g.op("Softmax", ["x"], { axis: 2 }, "worse");
    const good = g.conv("x", [4, 4, 3]);
    const analysis = analyse(g.model([g.op("Relu", [g.op("Add", [bad, worse])]), good]), { x: 2 });
    expect(reasons(analysis)).toEqual([
      ["bad", "timeReduced"],
      ["worse", "timeReduced"],
    ]);
    expect(analysis.facts.has(good)).toBe(true);
    expect(analysis.facts.has("relu3")).toBe(false);
  });

  const guardsFor = (build: (g: GraphSketch) => string) => {
    const g = new GraphSketch();
    g.input("x", [1, 4, "T"]);
    const analysis = analyse(g.model([build(g)]), { x: 2 });
    expect(analysis.refusals).toEqual([]);
    const output = analysis.graph.outputs[0]?.name ?? "";
    return { guards: guardsOf(analysis), warmUp: analysis.warmUp, wrong: analysis.wrong.get(output) };
  };

  test("a padded window behind look-ahead needs a guard", () => {
    expect(guardsFor((g) => same(g, same(g, "x")))).toEqual({
      guards: [{ fill: 0, padStart: 1, junkFrames: 1, wait: 0 }],
      warmUp: "mask",
      wrong: 1,
    });
    const valid = guardsFor((g) => g.conv(same(g, "x"), [4, 4, 3]));
    expect(valid).toEqual({ guards: [], warmUp: "causal-free", wrong: 0 });
  });

  test("T27 constant junk that is not the padding needs a guard too", () => {
    const padded = (g: GraphSketch, x: string) => g.conv(x, [4, 4, 3], { pads: [2, 0] });
    const late = (g: GraphSketch) => g.op("Add", [g.conv("x", [4, 4, 3]), "x"]);
    expect(guardsFor((g) => padded(g, late(g))).guards).toHaveLength(1);
  });

  test("T22 rates that differ cannot be joined", () => {
    const g = new GraphSketch();
    g.input("x", [1, 4, "T"]);
    const half = g.conv("x", [4, 4, 2], { strides: [2] });
    const { refusals } = analyse(g.model([g.op("Add", ["x", half], {}, "sum")]), { x: 2 });
    expect(refusals[0]?.problem).toMatchObject({
      node: "sum",
      reason: "ratesDiffer",
      detail: { name: "1 1/2" },
    });
  });

  test("T24 a constant that varies over time is a table that ends, or refused where tables are not wanted", () => {
    const g = new GraphSketch();
    g.input("x", [1, 4, "T"]);
    const half = g.conv("x", [4, 4, 2], { strides: [2] });
    const sum = g.op("Add", [half, g.constant("pe", integers(1, [1, 4, 8], 3))], {}, "sum");
    const model = g.model([sum]);
    const { refusals, limits } = analyse(model, { x: 2 });
    expect(refusals).toEqual([]);
    expect(limits).toEqual([{ node: "sum", frames: 16 }]);
    const without = deriveFacts(model, inferShapes(model), { x: 2 }, { tables: false });
    expect(reasons(without)).toEqual([["sum", "timeVaryingConstant"]]);
  });

  test("T40 two streams one after the other", () => {
    expect(refusalsOf((g) => g.op("Concat", ["x", "x"], { axis: 2 }, "both"))).toEqual([
      ["both", "timeJoined"],
    ]);
  });

  test("T46 time contracted", () => {
    const product = (g: GraphSketch) =>
      g.op("MatMul", ["x", g.constant("m", integers(1, [8, 3], 2))], {}, "mm");
    expect(refusalsOf(product, [1, 4, 8])).toEqual([["mm", "timeContracted"]]);
  });

  test("an operator that nobody knows is refused", () => {
    expect(refusalsOf((g) => g.op("Mystery", ["x"], {}, "what"))).toEqual([["what", "unknownOp"]]);
  });

  test("a constant in front behind a delay needs a guard", () => {
    const pad = (g: GraphSketch, x: string) => g.op("Pad", [x, g.longs([0, 0, 3, 0, 0, 0])]);
    const behind = guardsFor((g) => pad(g, g.conv("x", [4, 4, 3])));
    expect(behind.guards).toEqual([{ fill: 0, padStart: 3, junkFrames: 2, wait: 0 }]);
  });

  test("axes that the inputs do not have", () => {
    const g = new GraphSketch();
    g.input("x", [1, 4, "T"]);
    const model = g.model([g.op("Relu", ["x"])]);
    const problem = (value: object) => expect.objectContaining({ problem: expect.objectContaining(value) });
    expect(() => analyse(model, { x: 3 })).toThrowError(problem({ code: "stream.axisInvalid", rank: 3 }));
    expect(() => analyse(model, { y: 0 })).toThrowError(problem({ code: "stream.axisUnknown", input: "y" }));
  });
});
