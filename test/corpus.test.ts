import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { assessModel, type CorpusRow, type Outcome } from "../scripts/corpus/assess-model.ts";
import { corpusTable } from "../scripts/corpus/table.ts";
import { createRuntime } from "../src/runtime/ort.ts";
import { sharedData } from "./shared-data.ts";

/*
 * Every real model ends in an outcome that can be defended: exact ones equal their file, refused ones say why, nothing
 * crashes and nothing differs in silence. The smaller ones always; all of them with RILL_ALL=1.
 */

const folder = sharedData("models");
const speech = sharedData("audio/google__lyra/sample1_16kHz.wav");
const MOST_BYTES = process.env.RILL_ALL === "1" ? Number.POSITIVE_INFINITY : 326_000;

/** What must not get worse; a model that is listed as refused may become exact. */
const ATTAINED: Readonly<Record<string, Outcome>> = {
  "espressif__esp-dl/streaming_tutorial_model.onnx": "exact",
  "lovemefan__fsmn-vad/fsmnvad-offline.onnx": "exact",
  "ahmad-mirsalari__StreamEase/enc_stft_T19000.onnx": "exact",
  "ahmad-mirsalari__StreamEase/encdec_istft_T187.onnx": "exact",
  "ahmad-mirsalari__StreamEase/convtasnet_stft_session_2_no_padding.onnx": "exact",
  "bglid__GTCRN-Micro/hist/micro_T32_op16.onnx": "exact",
  "bglid__GTCRN-Micro/hist/micro_conv_T64_op16.onnx": "exact",
  "bglid__GTCRN-Micro/hist/micro_conv_T64_raw_op16.onnx": "exact",
  "bglid__GTCRN-Micro/exports/gtcrn_micro_offline_op16_T63.onnx": "exact",
  "bglid__GTCRN-Micro/exports/gtcrn_micro_offline_op18_dynT.onnx": "exact",
  "bglid__GTCRN-Micro/exports/gtcrn_micro_offline_dynamo_op18.onnx": "exact",
  "microsoft__PLC-Challenge/nsnetv2_converted.onnx, states at zero": "exact",
  "bglid__GTCRN-Micro/exports/gtcrn_micro_stream_op16.onnx": "already streaming",
  "breizhn__DTLN/model_1.onnx": "already streaming",
  "ibelem__webmlmeet/rnnoise_proto.onnx": "already streaming",
  "Xiaobin-Rong__gtcrn/gtcrn.onnx": "already streaming",
  "Xiaobin-Rong__TRT-SE/dpcrn_stream_simple.onnx": "already streaming",
  "lovemefan__fsmn-vad/fsmnvad-online.onnx": "already streaming",
  "kraiskil__onnx2c/mnist_pytorch.onnx": "not a time series",
  "onnx__onnx/light_squeezenet.onnx": "not a time series",
  "onnx__onnx/light_bvlc_alexnet.onnx": "not a time series",
  "onnx__onnx/light_resnet50.onnx": "not a time series",
  "snakers4__silero-vad/negative/silero_op18_missing_external_data.onnx": "not opened",
};

const files = folder
  ? readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".onnx") && statSync(join(folder, name)).size <= MOST_BYTES)
      .sort()
  : [];
const all: CorpusRow[] = [];
afterAll(() => {
  if (all.length > 0) console.log(corpusTable(all));
});

describe.skipIf(!folder)("real models", () => {
  const runtime = createRuntime();
  const source = speech && {
    file: basename(speech),
    bytes: () => Promise.resolve(new Uint8Array(readFileSync(speech))),
  };
  test.each(files)("%s", async (file) => {
    const bytes = { name: basename(file), bytes: new Uint8Array(readFileSync(join(folder ?? "", file))) };
    const rows = await assessModel(file, bytes, { runtime, speech: source || undefined });
    all.push(...rows);
    for (const row of rows) {
      expect(row.outcome, row.said).not.toBe("BUG");
      const attained = ATTAINED[row.file];
      if (attained !== undefined) expect(row.outcome, row.said).toBe(attained);
      if (row.outcome === "refused") expect(row.said).not.toBe("");
    }
  });
});
