import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { backendCases, readDataSet, sampleOf } from "../../../test/backend-tests.ts";
import { outputsOf, relativeDifference } from "../../../test/model-twins.ts";
import { sharedData } from "../../../test/shared-data.ts";
import { decodeModel } from "../format/onnx/decode-model.ts";
import type { Model } from "../ir/graph.ts";
import { realInputs } from "../ir/walk.ts";
import { normalize } from "./pipeline.ts";
import { CANONICAL_OPSET } from "./upgrade-opset.ts";

/** Random by definition, so two runs differ. */
const RANDOM = /dropout.*training|training_dropout|bernoulli|random|multinomial/;
/** Kernels of two opsets may sum in another order. */
const SUMMATION = 1e-5;

/** The model with its inputs as initializers, so that every folding rule gets its chance. */
function allConstant(model: Model, feeds: ReturnType<typeof readDataSet>): Model {
  const constants = Object.entries(feeds?.feeds ?? {});
  const graph = { ...model.graph, initializers: new Map([...model.graph.initializers, ...constants]) };
  return {
    ...model,
    irVersion: Math.max(model.irVersion, 4),
    graph: { ...graph, inputs: realInputs(graph) },
  };
}

describe.skipIf(!sharedData("onnx-backend-tests"))("normalisation of the ONNX operator tests", () => {
  test("outputs stay, whether inputs are fed or constant", { timeout: 300_000 }, async () => {
    const wrong: string[] = [];
    let compared = 0;
    let upgraded = 0;
    for (const { name, modelFile, dataSets } of sampleOf(backendCases(), 200)) {
      const original = decodeModel(readFileSync(modelFile));
      const data = dataSets[0] ? readDataSet(dataSets[0], original.graph) : undefined;
      if (!data || RANDOM.test(name)) continue;
      const before = await outputsOf(original, data.feeds);
      if (!before) continue;
      const { model } = normalize(original);
      const opset = original.opsets.get("") ?? 0;
      if (opset < CANONICAL_OPSET && model.opsets.get("") === CANONICAL_OPSET) upgraded++;
      const after = await outputsOf(model, data.feeds);
      compared++;
      if (!after || relativeDifference(before, after) > SUMMATION) wrong.push(name);
      const folded = await outputsOf(normalize(allConstant(original, data)).model, {});
      if (!folded || relativeDifference(before, folded) > SUMMATION) wrong.push(`${name}, constant`);
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(100);
    expect(upgraded).toBeGreaterThan(50);
  });
});
