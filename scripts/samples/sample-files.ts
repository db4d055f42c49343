import { inferFeatures } from "../../src/core/audio/infer-features.ts";
import { sha256Hex } from "../../src/core/base/sha256.ts";
import { stableJson } from "../../src/core/base/stable-json.ts";
import { encodeUtf8 } from "../../src/core/base/utf8.ts";
import { encodeModel } from "../../src/core/format/onnx/encode-model.ts";
import { encodeWav } from "../../src/core/format/wav/encode-wav.ts";
import { defaultPlan } from "../../src/core/plan/default-plan.ts";
import { printPlan } from "../../src/core/plan/print-plan.ts";
import { sampleClips } from "./audio.ts";
import { SAMPLE_RATE_HZ } from "./sounds.ts";
import { buildThreePart, THREE_PART, THREE_PART_SPLITS } from "./three-part.ts";
import { TONE_FEATURES } from "./tone-features.ts";

/** One entry of `index.json`; the first is what *Try the sample* opens. */
export interface SampleProject {
  readonly id: string;
  readonly model: string;
  readonly plan: string;
  readonly clips: readonly string[];
  readonly title: { readonly en: string; readonly zh: string };
}

/** The residual stream after the third of six blocks: one tensor crosses, and both halves cost about the same. */
const TONE_SPLITS = ["/blocks.2/out/Relu_output_0"];

/**
 * Everything in `public/samples` but the trained model itself, by file name. The trained model comes first in the index:
 * its scores mean something (which of five sounds is heard), so the plots have something to show.
 */
export function sampleFiles(toneTcn: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const clips = sampleClips();
  for (const { file, samples } of clips) {
    files.set(file, encodeWav({ rateHz: SAMPLE_RATE_HZ, channels: [samples] }, "int16"));
  }
  const clipFiles = clips.map((c) => c.file);
  files.set(
    "tone-tcn.rill.json",
    planOf("tone-tcn.onnx", toneTcn, {
      axes: { features: 2 },
      chunk: 4,
      splits: TONE_SPLITS,
      // Pauses pile the histograms up at one value, where the divergence method clips the sounds themselves: 13 dB against 38 dB.
      method: "mse",
      features: { features: TONE_FEATURES },
    }),
  );
  const threePart = encodeModel(buildThreePart());
  files.set("three-part.onnx", threePart);
  files.set(
    "three-part.rill.json",
    planOf("three-part.onnx", threePart, {
      axes: { x: 2 },
      // One frame per module: each of the three runs at every third step.
      chunk: 3,
      splits: THREE_PART_SPLITS,
      features: { x: inferFeatures([1, THREE_PART.inputChannels, "frames"], 2).settings },
    }),
  );
  const projects: readonly SampleProject[] = [
    {
      id: "tone-tcn",
      model: "tone-tcn.onnx",
      plan: "tone-tcn.rill.json",
      clips: clipFiles,
      title: { en: "Sound classifier (TCN, two modules)", zh: "声音分类（TCN，两个模块）" },
    },
    {
      id: "three-part",
      model: "three-part.onnx",
      plan: "three-part.rill.json",
      clips: clipFiles,
      title: { en: "Three-part demo (three modules)", zh: "三段式演示（三个模块）" },
    },
  ];
  files.set("index.json", encodeUtf8(stableJson({ samples: projects })));
  return files;
}

function planOf(name: string, bytes: Uint8Array, decided: Parameters<typeof defaultPlan>[1]): Uint8Array {
  return encodeUtf8(printPlan(defaultPlan({ name, sha256: sha256Hex(bytes) }, decided)));
}
