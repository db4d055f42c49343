import { describe, expect, test } from "vitest";
import { GraphSketch, integers } from "../../../test/stream-lab.ts";
import type { Model } from "../ir/graph.ts";
import { inferShapes } from "../passes/infer-shapes.ts";
import { axisCandidates, nearestAxes } from "./time-axis.ts";

const candidates = (model: Model) => axisCandidates(model, inferShapes(model));

describe("axisCandidates", () => {
  test("the symbolic dimension", () => {
    const g = new GraphSketch();
    g.input("x", [1, 2, "T"]);
    const model = g.model([g.conv("x", [2, 2, 3], { pads: [2, 0] })]);
    expect(candidates(model)).toEqual([{ input: "x", chosen: 2, because: "symbolic", streamable: [2] }]);
  });

  test("a symbolic batch beside a symbolic time", () => {
    const g = new GraphSketch();
    g.input("x", ["batch", 2, "T"]);
    const model = g.model([g.conv("x", [2, 2, 3], { pads: [2, 0] })]);
    expect(candidates(model)).toEqual([{ input: "x", chosen: 2, because: "symbolic", streamable: [0, 2] }]);
  });

  test("the only fixed axis that streams", () => {
    const g = new GraphSketch();
    g.input("x", [1, 2, 24]);
    const model = g.model([g.conv("x", [2, 2, 3], { pads: [2, 0] })]);
    expect(candidates(model)).toEqual([
      { input: "x", chosen: 2, because: "onlyStreamable", streamable: [2] },
    ]);
  });

  test("inputs of one symbol stream together, others stand still", () => {
    const g = new GraphSketch();
    g.input("a", [1, 2, "T"]);
    g.input("b", [1, 2, "T"]);
    g.input("h", [1, 2, 1]);
    const sum = g.op("Add", [g.conv("a", [2, 2, 3], { pads: [2, 0] }), "b"]);
    const model = g.model([g.op("Mul", [sum, "h"])]);
    expect(candidates(model)).toEqual([
      { input: "a", chosen: 2, because: "symbolic", streamable: [2] },
      { input: "b", chosen: 2, because: "symbolic", streamable: [2] },
      { input: "h", because: "none", streamable: [] },
    ]);
  });

  test("no other axis is taken unasked where the symbolic one cannot stream", () => {
    const g = new GraphSketch();
    g.input("x", [1, 2, "T"]);
    const model = g.model([g.op("Softmax", ["x"], { axis: 2 })]);
    expect(candidates(model)).toEqual([{ input: "x", because: "ambiguous", streamable: [1] }]);
  });

  test("two axes that both could be time", () => {
    const g = new GraphSketch();
    g.input("x", [1, 1, 8, 9]);
    const model = g.model([g.conv("x", [1, 1, 3, 3])]);
    expect(candidates(model)).toEqual([{ input: "x", because: "ambiguous", streamable: [2, 3] }]);
  });

  test("a batch is no time axis, frames of a matrix are", () => {
    const g = new GraphSketch();
    g.input("x", ["N", 2, 9]);
    const model = g.model([g.op("Softmax", [g.conv("x", [2, 2, 1])], { axis: 2 })]);
    expect(candidates(model)).toEqual([{ input: "x", because: "ambiguous", streamable: [0] }]);
    const h = new GraphSketch();
    h.input("x", ["N", 8]);
    const rows = h.model([h.op("MatMul", ["x", h.constant("m", integers(1, [8, 2], 2))])]);
    expect(candidates(rows)).toEqual([{ input: "x", chosen: 0, because: "symbolic", streamable: [0] }]);
    const named = new GraphSketch();
    named.input("x", ["batch", 8]);
    const items = named.model([named.op("MatMul", ["x", named.constant("m", integers(1, [8, 2], 2))])]);
    expect(candidates(items)).toEqual([{ input: "x", because: "ambiguous", streamable: [0] }]);
  });

  test("nothing streams", () => {
    const g = new GraphSketch();
    g.input("x", [1, 8]);
    const model = g.model([g.op("MatMul", ["x", g.constant("m", integers(1, [8, 2], 2))])]);
    expect(candidates(model)).toEqual([{ input: "x", because: "none", streamable: [] }]);
  });
});

test("where nothing streams, the nearest axes tell why: what the file calls time, else what reaches furthest", () => {
  const g = new GraphSketch();
  g.input("x", [1, 2, "T"]);
  const symbolic = g.model([g.op("Softmax", ["x"], { axis: 2 })]);
  expect(nearestAxes(symbolic, inferShapes(symbolic))).toEqual({ x: 2 });
  const h = new GraphSketch();
  h.input("x", [1, 4, 9]);
  const fixed = h.model([h.op("Softmax", [h.conv("x", [4, 4, 3], { pads: [2, 0] })], { axis: 2 })]);
  expect(nearestAxes(fixed, inferShapes(fixed))).toEqual({ x: 2 });
});
