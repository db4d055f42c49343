import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { sharedData } from "../../../test/shared-data.ts";
import { analyse, compareStream, must, parity, runOffline, runScan } from "../../../test/stream-lab.ts";
import { decodeModel } from "../format/onnx/decode-model.ts";
import { stackChunks } from "../ir/axis.ts";
import type { Model } from "../ir/graph.ts";
import { floatTensor } from "../ir/tensor.ts";
import { inferShapes } from "../passes/infer-shapes.ts";
import { normalize } from "../passes/pipeline.ts";
import { scanWrapper } from "./scan.ts";
import { toStreaming } from "./streaming-model.ts";
import { axisCandidates } from "./time-axis.ts";

const FOLDER = sharedData("models/espressif__esp-dl");
/** Float sums may be taken in another order when the runtime picks kernels by shape; part of the output's range. */
const ROUNDING = 5e-6;

/** Deterministic features in about [−1, 1]. */
function features(frames: number) {
  return floatTensor(
    Float32Array.from({ length: 16 * frames }, (_, i) => ((i * 7919) % 2003) / 1001 - 1),
    [1, 16, frames],
  );
}

describe.skipIf(!FOLDER)("the tutorial TCN", () => {
  let model: Model;
  let input = "";
  // The body of a skipped suite still runs; its hooks do not.
  beforeAll(() => {
    const bytes = readFileSync(join(FOLDER ?? "", "streaming_tutorial_model.onnx"));
    model = normalize(decodeModel(new Uint8Array(bytes))).model;
    input = model.graph.inputs[0]?.name ?? "";
  });

  test("finds its time axis and its caches", () => {
    expect(axisCandidates(model, inferShapes(model))).toEqual([
      { input, chosen: 2, because: "onlyStreamable", streamable: [2] },
    ]);
    const analysis = analyse(model, { [input]: 2 });
    expect(analysis.refusals).toEqual([]);
    const { model: streaming } = toStreaming(model, analysis, { chunk: 1 });
    const caches = must(streaming.modules[0]).caches.map((c) => [
      c.value,
      c.frames,
      c.readers.map((r) => r.use),
    ]);
    expect(caches).toEqual([
      ["/prev_conv/Conv_output_0", 2, ["window"]],
      ["/layer/layer.1/Mul_output_0", 4, ["window"]],
      ["/layer/layer.3/Mul_output_0", 2, ["window"]],
      ["/Add_output_0", 2, ["window"]],
      ["/out_conv/Conv_output_0", 2, ["lastFrames"]],
    ]);
    expect(streaming).toMatchObject({ flushSteps: 0, warmUp: { wrongFrames: 0 } });
    expect(must(streaming.modules[0]).cost.macs).toBeGreaterThan(3 * 32 * 32);
  });

  test.each([1, 3, 8])("streaming equals the offline prefix in every step of %i frames", async (chunk) => {
    const analysis = analyse(model, { [input]: 2 });
    const steps = 48 / chunk;
    const feeds = { [input]: features(48) };
    const splits = chunk === 1 ? [] : ["/layer/layer.1/Mul_output_0", "/layer/layer.3/Mul_output_0"];
    const { model: streaming } = toStreaming(model, analysis, { chunk, splits });
    expect(streaming.modules).toHaveLength(splits.length + 1);
    const [worst] = await parity(model, analysis, streaming, feeds, { chunk, steps });
    expect(worst?.relative).toBeLessThanOrEqual(ROUNDING);
    expect(worst?.frames).toBe(steps - Math.ceil(3 / chunk) + 1);

    const output = model.graph.outputs[0]?.name ?? "";
    const scanned = await runScan(model, scanWrapper(streaming.modules), {
      [input]: stackChunks(must(feeds[input]), 2, chunk),
    });
    const offline = await runOffline(model, analysis, feeds, { chunk, steps });
    const difference = compareStream(analysis, output, must(scanned[output]), must(offline[output]), chunk);
    expect(difference.relative).toBeLessThanOrEqual(ROUNDING);
  });
});
