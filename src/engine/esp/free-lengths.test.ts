import { expect, test } from "vitest";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import { makeModel } from "../../core/format/onnx/make-model.ts";
import { type Graph, intsAttribute, type Model, makeNode } from "../../core/ir/graph.ts";
import { floats, floatTensor, longTensor, type Tensor } from "../../core/ir/tensor.ts";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { analyse, axesOf } from "../analyse.ts";
import { prepare } from "../evaluate.ts";
import { openModel } from "../open-model.ts";
import { freeLengths } from "./free-lengths.ts";
import { atDimsOf } from "./place/offline-samples.ts";

const FRAMES = 12;

/** Causal by a slice, channels regrouped by a reshape: both with the number of frames as it was when the model was exported. */
function exported(): Model {
  const filter = Float32Array.from({ length: 4 * 4 * 3 }, (_, i) => ((i * 7) % 11) / 11 - 0.5);
  const graph: Graph = {
    name: "fixed",
    inputs: [{ name: "x", dtype: "float32", shape: [1, 4, FRAMES] }],
    outputs: [{ name: "y", dtype: "float32", shape: [1, 2, 2, FRAMES] }],
    initializers: new Map<string, Tensor>([
      ["w", floatTensor(filter, [4, 4, 3])],
      ["starts", longTensor([0])],
      ["ends", longTensor([FRAMES])],
      ["axes", longTensor([2])],
      ["shape", longTensor([1, 2, 2, FRAMES])],
    ]),
    nodes: [
      makeNode("Conv", ["x", "w"], ["h"], { pads: intsAttribute([2, 2]), kernel_shape: intsAttribute([3]) }),
      makeNode("Slice", ["h", "starts", "ends", "axes"], ["c"]),
      makeNode("Reshape", ["c", "shape"], ["y"]),
    ],
    values: new Map(),
  };
  return makeModel(graph, { opset: 18 });
}

test("a model of a fixed length computes the same at that length, and goes on at others", async () => {
  const runtime = createRuntime();
  const bytes = encodeModel(exported());
  const opened = openModel([{ name: "fixed.onnx", bytes }]);
  const plan = defaultPlan(
    { name: "fixed.onnx", sha256: opened.sha256 },
    { axes: axesOf(analyse(opened).candidates), chunk: 4 },
  );
  const { analysis } = prepare(opened, plan);
  const free = freeLengths(opened.normalized, analysis.stream);
  expect(freeLengths(free, analysis.stream)).toBe(free);

  const at = async (model: Model, frames: number): Promise<number[][]> => {
    const x = floatTensor(
      Float32Array.from({ length: 4 * frames }, (_, i) => ((i % frames) * 13 + Math.floor(i / frames)) % 17),
      [1, 4, frames],
    );
    const session = await runtime.open(encodeModel(atDimsOf(model, { x })));
    const { y } = await session.run({ x });
    await session.release();
    if (!y) throw new Error("no y");
    expect(y.dims).toEqual([1, 2, 2, frames]);
    const row = floats(y);
    return Array.from({ length: 4 }, (_, c) => Array.from(row.subarray(c * frames, (c + 1) * frames)));
  };
  const short = await at(opened.normalized, FRAMES);
  expect(await at(free, FRAMES)).toEqual(short);
  const long = await at(free, 3 * FRAMES);
  expect(long.map((row) => row.slice(0, FRAMES))).toEqual(short);
});
