import { describe, expect, test } from "vitest";
import { noise } from "../../../../test/array-clip.ts";
import { makeModel } from "../../../core/format/onnx/make-model.ts";
import { type Model, makeNode } from "../../../core/ir/graph.ts";
import { floats, floatTensor } from "../../../core/ir/tensor.ts";
import { targetById } from "../../../core/targets/catalogue.ts";
import { createRuntime } from "../../../runtime/ort.ts";
import { SILENT_JOB } from "../../ports.ts";
import { offlineProgram, type PlacedModel } from "../chip-model.ts";
import type { Sample } from "./observe-samples.ts";
import { type ErrorPlacement, placeByError } from "./place-by-error.ts";
import { observeStatistics, referenceSamples } from "./reference-samples.ts";
import { decibels } from "./search-exponents.ts";
import { TrialTwin } from "./trial-twin.ts";

const runtime = createRuntime();
const target = targetById("esp32-p4");
if (target.exporter !== "espdl") throw new Error("a chip");
const format = target.formats[8];
const FRAMES = 64;
const CHANNELS = 4;

/**
 * Two convolutions. The first is read through a Relu, so that its output is never below zero; all weights of the second but the
 * largest lie the same way beside an integer of their grid, so that rounding them shifts every output the same way.
 */
function shifted(): Model {
  const grid = 1 / 128;
  const first = Float32Array.from({ length: CHANNELS * CHANNELS }, (_, i) => ((i * 7) % 11) / 16 - 0.25);
  const second = Float32Array.from({ length: CHANNELS * CHANNELS }, (_, i) =>
    i % CHANNELS === 0 ? 0.9 : (((i * 5) % 9) + 0.45) * grid,
  );
  return makeModel(
    {
      name: "g",
      inputs: [{ name: "x", dtype: "float32", shape: [1, CHANNELS, FRAMES] }],
      outputs: [{ name: "y", dtype: "float32" }],
      initializers: new Map([
        ["w1", floatTensor(first, [CHANNELS, CHANNELS, 1])],
        ["b1", floatTensor([0.5, 0.25, 0.75, 0.5], [CHANNELS])],
        ["w2", floatTensor(second, [CHANNELS, CHANNELS, 1])],
        ["b2", floatTensor([0, 0.1, 0.2, 0.3], [CHANNELS])],
      ]),
      nodes: [
        makeNode("Conv", ["x", "w1", "b1"], ["a"], {}, "first"),
        makeNode("Relu", ["a"], ["r"], {}, "relu"),
        makeNode("Conv", ["r", "w2", "b2"], ["y"], {}, "second"),
      ],
      values: new Map(),
    },
    { opset: 17 },
  );
}

const samplesFrom = (seed: number): Sample[] =>
  Array.from({ length: 6 }, (_, i) => ({ x: noise([1, CHANNELS, FRAMES], seed + i) }));

async function placed(model: Model, mayCorrect = (_: string): boolean => true): Promise<ErrorPlacement> {
  const samples = samplesFrom(1);
  const statistics = await observeStatistics(model, samples, runtime, SILENT_JOB);
  return placeByError({ model, format, statistics, samples, work: 2e7, mayCorrect }, runtime, SILENT_JOB);
}

/** On samples that the placement did not see. */
async function heldBackDb(model: Model, given: PlacedModel): Promise<number> {
  const held = await referenceSamples(model, samplesFrom(100), runtime, SILENT_JOB);
  return decibels(new TrialTwin(given.dialect, format.rounding, held).run(offlineProgram(given)).noise);
}

describe("bias correction", () => {
  test("takes off what rounding shifts on average, on samples that it did not see too", async () => {
    const model = shifted();
    const corrected = await placed(model);
    const { biases: _, ...plain } = corrected;
    const trace = corrected.choices.biases;
    expect(trace?.steps.map((s) => s.value)).toContain("y");
    expect(trace?.sqnrDb).toBeGreaterThan(trace?.steps[0]?.beforeDb ?? Number.POSITIVE_INFINITY);
    expect(await heldBackDb(model, corrected)).toBeGreaterThan(await heldBackDb(model, plain));
  });

  test("changes integers of biases and nothing else, and leaves the float model alone", async () => {
    const corrected = await placed(shifted());
    const { biases, ...plain } = corrected;
    const changed = new Set<string>([...(biases ?? [])].map(([value]) => (value === "y" ? "b2" : "b1")));
    const [after, before] = [offlineProgram(corrected), offlineProgram(plain)];
    for (const [name, { data }] of before.tensors) {
      const now = after.tensors.get(name);
      expect(now?.exponents).toEqual(before.tensors.get(name)?.exponents);
      if (data)
        expect([name, now?.data?.bytes.join() !== data.bytes.join()]).toEqual([name, changed.has(name)]);
    }
    const b2 = corrected.dialect.graph.initializers.get("b2");
    expect(b2 && [...floats(b2)]).toEqual([0, 0.1, 0.2, 0.3].map(Math.fround));
  });

  test("keeps its hands off what may not change", async () => {
    const { biases, choices } = await placed(shifted(), (value) => value !== "y");
    expect(biases?.has("y") ?? false).toBe(false);
    expect(choices.biases?.steps.some((s) => s.value === "y") ?? false).toBe(false);
  });
});
