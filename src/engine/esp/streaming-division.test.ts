import { expect, test } from "vitest";
import { arrayClip, noise } from "../../../test/array-clip.ts";
import { GraphSketch } from "../../../test/stream-lab.ts";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import type { Model } from "../../core/ir/graph.ts";
import { elements, floats, floatTensor, type Tensor } from "../../core/ir/tensor.ts";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import type { Program } from "../../core/program/program.ts";
import { targetById } from "../../core/targets/catalogue.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { offlineInputs } from "../blocks.ts";
import { clipInputs } from "../compare/clip-inputs.ts";
import { calibrateModel, prepare } from "../evaluate.ts";
import { openModel } from "../open-model.ts";
import { SILENT_JOB } from "../ports.ts";
import { placeFromStatistics } from "./chip-model.ts";
import { chipModules } from "./chip-modules.ts";
import { compareChip, runWhole } from "./compare-chip.ts";

const runtime = createRuntime();
const FRAMES = 64;

/** The last channel needs the whole range; the quotients of the others lie halfway between two steps. */
const DEVIATIONS = floatTensor([14, 30, 60, 1], [4, 1]);
const NUMERATORS = [91, 75, 90, 127];

function divided(convolved: boolean): Model {
  const g = new GraphSketch(5);
  const x = g.input("x", [1, 4, "T"]);
  const y = g.op("Div", [x, g.constant("deviations", DEVIATIONS)], {}, "y");
  return g.model([convolved ? g.conv(y, [4, 4, 3], { pads: [2, 0] }) : y]);
}

function clipOf(): Tensor {
  const signs = floats(noise([1, 4, FRAMES], 3));
  const at = (i: number): number => NUMERATORS[Math.floor(i / FRAMES)] ?? 0;
  return floatTensor(
    Array.from(signs, (s, i) => (s < 0 ? -at(i) : at(i))),
    [1, 4, FRAMES],
  );
}

const waysOf = ({ kernels }: Program): boolean[] =>
  kernels.flatMap(({ form }) => (form.kind === "divide" ? [form.reciprocal] : []));

test.each([
  // Channels are innermost where a convolution wants them there, and where a chunk has one frame only.
  { convolved: true, chunk: 4, reciprocal: false },
  { convolved: false, chunk: 1, reciprocal: false },
  { convolved: false, chunk: 4, reciprocal: true },
])("a division in chunks of $chunk, convolved: $convolved", async ({ convolved, chunk, reciprocal }) => {
  const target = targetById("esp32-s3");
  if (target.exporter !== "espdl") throw new Error("a chip");
  const opened = openModel([{ name: "div.onnx", bytes: encodeModel(divided(convolved)) }]);
  const plan = defaultPlan({ name: opened.name, sha256: opened.sha256 }, { axes: { x: 2 }, chunk });
  const prepared = prepare(opened, plan);
  const analysis = prepared.analysis.stream;
  const clip = arrayClip("halves", "x", clipOf(), 2);
  const { statistics } = await calibrateModel(prepared, [clip], runtime, SILENT_JOB);
  const placed = placeFromStatistics(opened.normalized, target.formats[8], statistics, "minmax");
  const modules = chipModules(placed, prepared.streaming.model.modules, target);
  const whole = await clipInputs(clip, analysis, chunk);
  if (!whole) throw new Error("an empty clip");
  const { rounding } = target.formats[8];
  const at = { placed, analysis, modules, chunk, rounding, float: new Map(), ...whole };
  const compared = await compareChip(at);
  expect(compared.elements).toBeGreaterThanOrEqual(4 * FRAMES);
  expect(compared.worst).toEqual([]);

  expect(modules.flatMap((m) => waysOf(m.laid.program))).toEqual([reciprocal]);
  const inputs = offlineInputs(whole.inputs, analysis);
  const inOnnxOrder = runWhole(placed, inputs);
  const asInFiles = runWhole(placed, inputs, modules);
  expect(waysOf(inOnnxOrder.program)).toEqual([true]);
  const integers = ({ values }: typeof asInFiles): number[] => {
    const tensor = values.get("y");
    return tensor ? Array.from(elements(tensor), Number) : [];
  };
  const different = integers(asInFiles).filter((q, i) => q !== integers(inOnnxOrder)[i]).length;
  expect(different > 0).toBe(!reciprocal);
});
