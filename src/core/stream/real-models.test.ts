import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { sharedData } from "../../../test/shared-data.ts";
import { analyse, must, parity } from "../../../test/stream-lab.ts";
import { decodeModel } from "../format/onnx/decode-model.ts";
import { floatTensor, sizeOf } from "../ir/tensor.ts";
import { inferShapes } from "../passes/infer-shapes.ts";
import { normalize } from "../passes/pipeline.ts";
import { toStreaming } from "./streaming-model.ts";
import { axisCandidates } from "./time-axis.ts";

/** Float sums may be taken in another order when the runtime picks kernels by shape; part of the output's range. */
const ROUNDING = 5e-6;

/** [file, input, axis, chunk in frames, caches] */
const MODELS = [
  ["lovemefan__fsmn-vad/fsmnvad-offline.onnx", "speech", 1, 4, 4],
  ["ahmad-mirsalari__StreamEase/enc_stft_T19000.onnx", "input.1", 2, 300, 1],
] as const;

describe.each(MODELS)("%s", (path, input, axis, chunk, caches) => {
  const file = sharedData(`models/${path}`);

  test.skipIf(!file)("streams as it runs offline", async () => {
    const { model } = normalize(decodeModel(new Uint8Array(readFileSync(file ?? ""))));
    expect(axisCandidates(model, inferShapes(model))[0]).toMatchObject({ input, chosen: axis });
    const analysis = analyse(model, { [input]: axis });
    const { model: streaming } = toStreaming(model, analysis, { chunk });
    expect(must(streaming.modules[0]).caches).toHaveLength(caches);
    const steps = 16;
    const shape = must(streaming.inputs[0]).shape.map((d, i) => (i === axis ? d * steps : d));
    const wave = Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7919) % 2003) / 1001 - 1);
    const feeds = { [input]: floatTensor(wave, shape) };
    const [worst] = await parity(model, analysis, streaming, feeds, { chunk, steps });
    expect(worst?.relative).toBeLessThanOrEqual(ROUNDING);
    expect(worst?.frames).toBeGreaterThan(8);
  });
});
