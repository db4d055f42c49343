import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { outputsOf, randomFeeds, relativeDifference } from "../../../test/model-twins.ts";
import { sharedData } from "../../../test/shared-data.ts";
import { decodeModel } from "../format/onnx/decode-model.ts";
import { infoOf } from "../ir/walk.ts";
import { inferShapes } from "./infer-shapes.ts";
import { normalize } from "./pipeline.ts";

const MODELS = [
  "models/espressif__esp-dl/streaming_tutorial_model.onnx",
  "models/lovemefan__fsmn-vad/fsmnvad-offline.onnx",
  "models/bglid__GTCRN-Micro/exports/gtcrn_micro_offline_dynamo_op18.onnx",
  "models/bglid__GTCRN-Micro/exports/gtcrn_micro_offline_op16_T63.onnx",
  "models/bglid__GTCRN-Micro/exports/gtcrn_micro_offline_op18_dynT.onnx",
  "models/bglid__GTCRN-Micro/exports/gtcrn_micro_stream_op16.onnx",
  "models/Xiaobin-Rong__gtcrn/gtcrn.onnx",
  "models/sonos__tract/qtdnn_10x5.onnx",
  "models/onnx__onnx/light_resnet50.onnx",
  ...["depthwise", "mix", "strided", "tcn-relu", "tcn-silu", "tutorial", "upsample"].map(
    (name) => `espdl/golden/${name}/model.onnx`,
  ),
];

/** Folded pads and batch norms re-associate float32 sums; the kernels also differ by shape. */
const REASSOCIATED = 2e-5;

describe.skipIf(!sharedData("models"))("real models", () => {
  for (const path of MODELS) {
    const file = sharedData(path);
    test.skipIf(!file)(path, { timeout: 60_000 }, async () => {
      const original = decodeModel(readFileSync(file ?? ""));
      const { model } = normalize(original);

      const stripped = { ...original, graph: { ...original.graph, values: new Map() } };
      const unknown = { before: inferShapes(stripped), after: inferShapes(model) };
      const bare = (which: keyof typeof unknown, graph: typeof model.graph) =>
        graph.nodes.flatMap((n) =>
          n.outputs.filter((o) => {
            const { dtype, shape } = unknown[which].info(o);
            return o !== "" && (!dtype || !shape || shape.includes(null));
          }),
        );
      expect(bare("before", original.graph)).toEqual([]);
      expect(bare("after", model.graph)).toEqual([]);

      expect(model.graph.outputs).toEqual(original.graph.outputs);
      const produced = new Set(original.graph.nodes.flatMap((n) => n.outputs));
      const renamed = model.graph.nodes.flatMap((n) => n.outputs).filter((o) => !produced.has(o));
      expect(renamed).toEqual([]);

      const again = normalize(model);
      expect(again.log.filter((c) => c.changes > 0)).toEqual([]);
      expect(again.model.graph).toEqual(model.graph);

      const feeds = randomFeeds(original, 24);
      const [before, after] = [await outputsOf(original, feeds), await outputsOf(model, feeds)];
      expect(before).toBeDefined();
      expect(relativeDifference(before ?? {}, after ?? {})).toBeLessThan(REASSOCIATED);
      for (const o of original.graph.outputs) {
        expect(infoOf(model.graph)(o.name)?.dtype).toBe(before?.[o.name]?.dtype);
      }
    });
  }
});
