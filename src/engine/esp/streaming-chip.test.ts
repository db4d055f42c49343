import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { arrayClip, noise } from "../../../test/array-clip.ts";
import { ROOT } from "../../../test/source-imports.ts";
import type { Model, ValueName } from "../../core/ir/graph.ts";
import { floats, floatTensor, type Tensor } from "../../core/ir/tensor.ts";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import { toEspdlDialect } from "../../core/program/dialect/espdl-dialect.ts";
import { type Biases, biasesOf } from "../../core/quant/esp/bias-correction.ts";
import type { Module } from "../../core/stream/module.ts";
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
import { correctableBiases } from "./place/correctable-biases.ts";

const runtime = createRuntime();

/** Every bias that may change, moved by more than a step of the sum it is added to. */
function otherBiases(model: Model, modules: readonly Module[]): Biases {
  const mayCorrect = correctableBiases(model, modules);
  const own = [...biasesOf(toEspdlDialect(model).graph)].filter(([value]) => mayCorrect(value));
  return new Map(
    own.map(([value, bias]) => [
      value,
      floatTensor(
        floats(bias).map((b, c) => b + (c % 2 === 0 ? 0.01 : -0.02)),
        bias.dims,
      ),
    ]),
  );
}

describe("streaming on a chip", () => {
  const models = ["tone-tcn.onnx", "three-part.onnx"];
  const chips = ["esp32-s3", "esp32-p4", "esp32"];

  const cases = models.flatMap((m) => chips.map((c) => [m, c] as const));

  test.each([
    ...cases.map((c) => [...c, "one width", []] as const),
    // Split where one side is wider than the other: the value between has its maker's width.
    ["three-part.onnx", "esp32-p4", "two widths", ["/part0/gate/Mul"]] as const,
    ["three-part.onnx", "esp32-s3", "two widths", ["/part0/gate/Mul"]] as const,
    ["tone-tcn.onnx", "esp32-s3", "corrected biases", []] as const,
    ["three-part.onnx", "esp32-p4", "corrected biases", ["/part0/gate/Mul"]] as const,
  ])("%s on %s with %s equals its offline twin", async (file, chip, widths, splits) => {
    const target = targetById(chip);
    if (target.exporter !== "espdl") throw new Error("a chip");
    const opened = openModel([
      { name: file, bytes: new Uint8Array(readFileSync(join(ROOT, "public/samples", file))) },
    ]);
    const { candidates } = analyse(opened);
    const plan = defaultPlan(
      { name: file, sha256: opened.sha256 },
      { axes: axesOf(candidates), chunk: 4, target: chip, splits },
    );
    const prepared = prepare(opened, plan);
    const analysis = prepared.analysis.stream;
    const [[input, axis] = ["", 0]] = Object.entries(analysis.axes);
    const shape = analysis.inference.info(input).shape ?? [];
    const dims = shape.map((d, i) => (i === axis ? 240 : Number(d)));
    const clip = arrayClip("noise", input, noise(dims), axis);
    const { statistics } = await calibrateModel(prepared, [clip], runtime, SILENT_JOB);
    const wide = ({ name }: { readonly name: string }) => widths === "two widths" && /gate|part2/.test(name);
    const formatOf = (node: { readonly name: string }) => target.formats[wide(node) ? 16 : 8];
    const streaming = prepared.streaming.model;
    const own = placeFromStatistics(opened.normalized, target.formats[8], statistics, "mse", formatOf);
    const biases =
      widths === "corrected biases" ? otherBiases(opened.normalized, streaming.modules) : new Map();
    expect(biases.size > 0).toBe(widths === "corrected biases");
    const placed = { ...own, biases };
    const modules = chipModules(placed, streaming.modules, target);
    const whole = await clipInputs(clip, analysis, plan.chunk);
    if (!whole) throw new Error("an empty clip");
    const { inputs, steps } = whole;
    const at = { chunk: plan.chunk, steps };
    const names: ValueName[] = streaming.outputs.map((o) => o.name);
    const float: ReadonlyMap<ValueName, Tensor> = await runOffline(
      runtime,
      opened.normalized,
      analysis,
      at,
      names,
      inputs,
    );
    const rounding = target.formats[8].rounding;
    const compared = await compareChip({ placed, analysis, modules, ...at, inputs, float, rounding });
    expect(compared.elements).toBeGreaterThan(200);
    expect(compared.different).toBe(0);
    // int8 with power-of-two scales: half of what float scales reach is still far above noise.
    for (const { sqnrDb } of compared.values) expect(sqnrDb).toBeGreaterThan(15);
  });
});
