import { expect, test } from "vitest";
import { arrayClip, noise } from "../../../test/array-clip.ts";
import { GraphSketch } from "../../../test/stream-lab.ts";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import type { Model } from "../../core/ir/graph.ts";
import { floats, floatTensor } from "../../core/ir/tensor.ts";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { calibrateModel, evaluate, prepare } from "../evaluate.ts";
import { openModel } from "../open-model.ts";
import { SILENT_JOB } from "../ports.ts";

const runtime = createRuntime();
const FRAMES = 64;

/** Cut before the convolution, which alone wants its channels last. */
function pointwiseFirst(): Model {
  const g = new GraphSketch(1);
  const x = g.input("x", [1, 4, "T"]);
  const cut = g.op("Sigmoid", [x], {}, "cut");
  return g.model([g.conv(cut, [4, 4, 3], { pads: [2, 0] })]);
}

/** Both sides of the cut read the input, each in a layout and with an exponent of its own. */
function sharedInput(): Model {
  const g = new GraphSketch(2);
  const x = g.input("x", [1, 4, "T"]);
  const cut = g.op("Sigmoid", [x], {}, "cut");
  const mixed = g.conv(cut, [4, 4, 3], { pads: [2, 0] });
  const loud = g.op("Mul", [mixed, g.constant("eight", floatTensor([8], [1]))]);
  return g.model([g.op("Add", [loud, x])]);
}

/** Probabilities leave the softmax as floats; what is padded and pooled of them is integers. */
function paddedFloats(): Model {
  const g = new GraphSketch(3);
  const s = g.op("Softmax", [g.input("x", [1, 4, "T"])], { axis: 1 });
  const cut = g.op("Pad", [s, g.longs([0, 0, 2, 0, 0, 0])], {}, "cut");
  return g.model([g.op("LeakyRelu", [g.op("MaxPool", [cut], { kernel_shape: [3] })])]);
}

/** The norm of the features has no product before it, the other one shares its input. */
function norms(): Model {
  const g = new GraphSketch(4);
  const statistics = [0.5, -0.3, 0.1, 1].map((n, i) =>
    g.constant(`n${i}`, floatTensor([n, n + 0.2, n + 0.7, n + 0.9], [4])),
  );
  const norm = (x: string) => g.op("BatchNormalization", [x, ...statistics]);
  const mixed = g.conv(norm(g.input("x", [1, 4, "T"])), [4, 4, 3], { pads: [2, 0] });
  return g.model([g.op("Add", [norm(mixed), mixed])]);
}

const BOTH = ["rill", "esp-ppq"] as const;

const cases = [
  { name: "a cut between layouts", model: pointwiseFirst(), splits: ["cut"], modes: BOTH },
  // ESP-PPQ would add numbers of two exponents.
  { name: "an input that two modules read", model: sharedInput(), splits: ["cut"], modes: ["rill"] as const },
  { name: "norms that nothing takes", model: norms(), splits: [], modes: BOTH },
  { name: "a cache behind a softmax", model: paddedFloats(), splits: [], modes: BOTH },
];

test.each(
  cases.flatMap((c) =>
    c.modes.flatMap((mode) => [8 as const, 16 as const].map((bits) => ({ ...c, mode, bits }))),
  ),
)("$name: the same integers as offline, $mode, $bits bits", async ({ model, splits, mode, bits }) => {
  const opened = openModel([{ name: "splits.onnx", bytes: encodeModel(model) }]);
  const plan = defaultPlan(
    { name: opened.name, sha256: opened.sha256 },
    {
      axes: { x: 2 },
      chunk: 2,
      method: "minmax",
      target: "esp32",
      bits,
      splits,
      ...(mode === "esp-ppq" && { compatible: "esp-ppq" }),
    },
  );
  const prepared = prepare(opened, plan);
  expect(prepared.streaming.model.modules).toHaveLength(1 + splits.length);
  const input = floatTensor(
    floats(noise([1, 4, FRAMES], 7)).map((x) => 3 * x),
    [1, 4, FRAMES],
  );
  const clips = [arrayClip("noise", "x", input, 2)];
  const { statistics } = await calibrateModel(prepared, clips, runtime, SILENT_JOB);
  const { quantization } = await evaluate(prepared, statistics, clips, runtime, SILENT_JOB);
  expect(quantization?.integerParity.elements).toBeGreaterThan(4 * FRAMES);
  expect(quantization?.integerParity.differences).toEqual([]);
});
