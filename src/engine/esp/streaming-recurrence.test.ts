import { describe, expect, test } from "vitest";
import { arrayClip, noise } from "../../../test/array-clip.ts";
import { decodeEspdl } from "../../core/format/espdl/decode-espdl.ts";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import { makeModel } from "../../core/format/onnx/make-model.ts";
import { attributesOf } from "../../core/ir/attributes.ts";
import { type Graph, intAttribute, intsAttribute, makeNode } from "../../core/ir/graph.ts";
import { floatTensor, longTensor, type Tensor } from "../../core/ir/tensor.ts";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import { targetById } from "../../core/targets/catalogue.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { analyse, axesOf } from "../analyse.ts";
import { clipInputs } from "../compare/clip-inputs.ts";
import { calibrateModel, prepare } from "../evaluate.ts";
import { openModel } from "../open-model.ts";
import { SILENT_JOB } from "../ports.ts";
import { runOffline } from "../twin-runs.ts";
import { placeFromStatistics } from "./chip-model.ts";
import { chipModules } from "./chip-modules.ts";
import { compareChip } from "./compare-chip.ts";

const runtime = createRuntime();
const CHANNELS = 8;

/** Weights of about ±0.5. */
function weights(...dims: number[]): Tensor {
  const raw = noise(dims);
  return floatTensor(
    Array.from(new Float32Array(raw.bytes.slice().buffer), (x) => x / 2),
    dims,
  );
}

/** [1, 8, T] → convolution → [T, 1, 8] → recurrence → [T, 1, 8] → [1, 8, T]. */
function recurrentModel(op: "GRU" | "LSTM"): Uint8Array {
  const gates = op === "GRU" ? 3 : 4;
  const graph: Graph = {
    name: op,
    inputs: [{ name: "x", dtype: "float32", shape: [1, CHANNELS, "T"] }],
    outputs: [{ name: "y", dtype: "float32", shape: [1, CHANNELS, "T"] }],
    initializers: new Map([
      ["f", weights(CHANNELS, CHANNELS, 3)],
      ["w", weights(1, gates * CHANNELS, CHANNELS)],
      ["r", weights(1, gates * CHANNELS, CHANNELS)],
      ["b", weights(1, 2 * gates * CHANNELS)],
      ["axes", longTensor([1])],
    ]),
    nodes: [
      makeNode("Conv", ["x", "f"], ["c"], {
        kernel_shape: intsAttribute([3]),
        pads: intsAttribute([2, 0]),
      }),
      makeNode("Transpose", ["c"], ["t"], { perm: intsAttribute([2, 0, 1]) }),
      makeNode(op, ["t", "w", "r", "b"], ["s"], {
        hidden_size: intAttribute(CHANNELS),
        ...(op === "GRU" && { linear_before_reset: intAttribute(1) }),
      }),
      makeNode("Squeeze", ["s", "axes"], ["q"]),
      makeNode("Transpose", ["q"], ["y"], { perm: intsAttribute([1, 2, 0]) }),
    ],
    values: new Map(),
  };
  return encodeModel(makeModel(graph, { opset: 18 }));
}

describe("recurrences on a chip", () => {
  const runs = (["GRU", "LSTM"] as const).flatMap((op) =>
    (["esp32-s3", "esp32-p4"] as const).flatMap((chip) =>
      [8, 16].map((bits) => [op, chip, bits as 8 | 16] as const),
    ),
  );

  test.each(runs)("%s on %s at %i bits equals its offline twin on every frame", async (op, chip, bits) => {
    const target = targetById(chip);
    if (target.exporter !== "espdl") throw new Error("a chip");
    const opened = openModel([{ name: `${op}.onnx`, bytes: recurrentModel(op) }]);
    const { candidates } = analyse(opened);
    const plan = defaultPlan(
      { name: op, sha256: opened.sha256 },
      { axes: axesOf(candidates), chunk: 4, target: chip },
    );
    const prepared = prepare(opened, plan);
    const analysis = prepared.analysis.stream;
    const clip = arrayClip("noise", "x", noise([1, CHANNELS, 120]), 2);
    const { statistics } = await calibrateModel(prepared, [clip], runtime, SILENT_JOB);
    const placed = placeFromStatistics(opened.normalized, target.formats[bits], statistics, "minmax");
    const streaming = prepared.streaming.model;
    const modules = chipModules(placed, streaming.modules, target);
    // By this the runtime chooses how wide it reads the sequence; biases and an LSTM's cell state have 16 bits at either width.
    const types = modules.flatMap(({ bytes }) =>
      decodeEspdl(bytes)
        .models.flatMap((m) => m.model.graph.nodes)
        .filter((node) => node.op === op)
        .map((node) => attributesOf(node).string("quant_type", "")),
    );
    expect(types).toEqual([`S${bits}`]);
    const whole = await clipInputs(clip, analysis, plan.chunk);
    if (!whole) throw new Error("an empty clip");
    const { inputs, steps } = whole;
    const at = { chunk: plan.chunk, steps };
    const names = streaming.outputs.map((o) => o.name);
    const float = await runOffline(runtime, opened.normalized, analysis, at, names, inputs);
    const { rounding } = target.formats[bits];
    const compared = await compareChip({ placed, analysis, modules, ...at, inputs, float, rounding });
    expect(compared.elements).toBeGreaterThan(500);
    expect(compared.different).toBe(0);
    // Powers of two as scales, and gates of 2^-9: far above noise all the same.
    for (const { sqnrDb } of compared.values) expect(sqnrDb).toBeGreaterThan(15);
  });
});
