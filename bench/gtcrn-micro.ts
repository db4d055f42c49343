import { readFileSync } from "node:fs";
import { sliceAxis } from "../src/core/ir/axis.ts";
import { floatTensor, type Tensor } from "../src/core/ir/tensor.ts";
import { toStreaming } from "../src/core/stream/streaming-model.ts";
import { analyse } from "../src/engine/analyse.ts";
import { encodeGraph } from "../src/engine/encode-graph.ts";
import { openModel } from "../src/engine/open-model.ts";
import { SILENT_JOB } from "../src/engine/ports.ts";
import { ScanRunner } from "../src/engine/scan-runner.ts";
import { Stepper } from "../src/engine/stepper.ts";
import { createRuntime } from "../src/runtime/ort.ts";
import { sharedData } from "../test/shared-data.ts";
import { type Bench, type Measurement, wallSeconds } from "./bench.ts";

const MODEL = "models/bglid__GTCRN-Micro/exports/gtcrn_micro_offline_op18_dynT.onnx";
const INPUT = "audio";
const BINS = 257;
/** 16 kHz, a hop of 256 samples. */
const FRAMES_PER_SECOND = 62.5;
const MINUTES = 10;
/** One call per step is slow: a part of the frames is enough to know its pace. */
const SINGLE_STEPS = 1500;
const PIECE_STEPS = 2048;

const runtime = createRuntime();

function spectrum(frames: number): Tensor {
  const values = new Float32Array(BINS * frames * 2);
  for (let i = 0; i < values.length; i++) values[i] = Math.sin(0.37 * i) * 0.1;
  return floatTensor(values, [1, BINS, frames, 2]);
}

/** Ten minutes of frames, one frame a step: as the body of an ONNX Scan, and with one call of the runtime per step. */
export const gtcrnMicro: Bench = {
  name: `${MINUTES} min of frames through GTCRN-Micro, chunk 1`,
  async run(): Promise<readonly Measurement[]> {
    const file = sharedData(MODEL);
    if (file === undefined) return [];
    const opened = openModel([{ name: "gtcrn_micro.onnx", bytes: new Uint8Array(readFileSync(file)) }]);
    const { stream } = analyse(opened, { [INPUT]: 2 });
    const { model } = toStreaming(opened.normalized, stream, { chunk: 1 });
    const [module] = model.modules;
    if (!module) throw new Error("no module");
    const steps = Math.round(MINUTES * 60 * FRAMES_PER_SECOND);
    const piece = spectrum(PIECE_STEPS);
    const scanner = await ScanRunner.open(runtime, model.modules, model.opsets);
    const many = await wallSeconds(async () => {
      // Pieces keep the memory of outputs small; every one starts from reset.
      for (let from = 0; from < steps; from += PIECE_STEPS)
        await scanner.run(
          { [INPUT]: sliceAxis(piece, 2, 0, Math.min(PIECE_STEPS, steps - from)) },
          SILENT_JOB,
        );
    });
    await scanner.release();
    const { inputs, outputs, caches, name } = module;
    const bytes = encodeGraph(module.graph, model.opsets);
    const stepper = await Stepper.open(runtime, [
      { name, bytes, chunks: 1, gateRuns: module.gateRuns, inputs, outputs, caches },
    ]);
    const frames = Array.from({ length: SINGLE_STEPS }, (_, i) => sliceAxis(piece, 2, i, i + 1));
    const single = await wallSeconds(async () => {
      for (const frame of frames) await stepper.step({ [INPUT]: frame });
    });
    await stepper.release();
    const ratio = single / SINGLE_STEPS / (many / steps);
    const perStep = (seconds: number, count: number) => `${((1000 * seconds) / count).toFixed(2)} ms`;
    return [
      { what: `Scan over all ${steps} steps, per step`, value: perStep(many, steps) },
      { what: `one run per step, ${SINGLE_STEPS} steps, per step`, value: perStep(single, SINGLE_STEPS) },
      { what: "one run per step / Scan", value: `${ratio.toFixed(2)} ×` },
    ];
  },
};
