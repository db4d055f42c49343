import { sliceAxis } from "../src/core/ir/axis.ts";
import type { Tensor } from "../src/core/ir/tensor.ts";
import { convert } from "../src/core/stream/convert.ts";
import type { Module } from "../src/core/stream/module.ts";
import { analyse } from "../src/engine/analyse.ts";
import { observedValues } from "../src/engine/calibrate.ts";
import { encodeGraph } from "../src/engine/encode-graph.ts";
import { SILENT_JOB } from "../src/engine/ports.ts";
import { ScanRunner } from "../src/engine/scan-runner.ts";
import { type RunnableModule, Stepper } from "../src/engine/stepper.ts";
import { createRuntime } from "../src/runtime/ort.ts";
import { type Bench, type Measurement, wallSeconds } from "./bench.ts";
import { INPUT, sampleTcn, sweep } from "./sample-tcn.ts";

const STEPS = 4096;
const WARM_STEPS = 256;
const ROUNDS = 3;
const GOAL_RATIO = 4;

const runtime = createRuntime();
const opened = sampleTcn();
const { opsets } = opened.normalized;

/** The same steps of one frame, once with a call of the runtime for each and once inside an ONNX Scan. */
export const scan: Bench = {
  name: `${STEPS} steps of one frame of the sample TCN`,
  async run() {
    const analysis = analyse(opened).stream;
    const module = convert(opened.normalized, analysis, { chunk: 1 });
    const observe = observedValues(analysis).filter((value) => value !== INPUT);
    const observed = convert(opened.normalized, analysis, { chunk: 1, outputs: observe });
    const plain = await stepsPerSecond(module, module, []);
    const compared = await stepsPerSecond(observed, module, observe);
    const ratio = compared.many / compared.single;
    return [
      ...rows("outputs only", plain),
      { what: "outputs only: Scan / one run per step", value: `${(plain.many / plain.single).toFixed(1)} ×` },
      ...rows("every value (Compare)", compared),
      {
        what: "every value: Scan / one run per step",
        value: `${ratio.toFixed(1)} ×`,
        goal: { text: `≥ ${GOAL_RATIO} ×`, met: ratio >= GOAL_RATIO },
      },
    ];
  },
};

interface Speeds {
  readonly single: number;
  readonly many: number;
}

function rows(what: string, { single, many }: Speeds): Measurement[] {
  return [
    { what: `${what}: one run per step, steps per second`, value: single.toFixed(0) },
    { what: `${what}: Scan, steps per second`, value: many.toFixed(0) },
  ];
}

/** Alternating rounds, the fastest of each: other load on the machine meets both alike. */
async function stepsPerSecond(stepped: Module, scanned: Module, observe: readonly string[]): Promise<Speeds> {
  const input = sweep(0, STEPS);
  const frames = Array.from({ length: STEPS }, (_, i) => sliceAxis(input, 2, i, i + 1));
  const stepper = await Stepper.open(runtime, [runnable(stepped)]);
  const scanner = await ScanRunner.open(runtime, [scanned], opsets, observe);
  const oneByOne = async (list: readonly Tensor[]) => {
    for (const frame of list) await stepper.step({ [INPUT]: frame });
  };
  const atOnce = (frames: Tensor) => scanner.run({ [INPUT]: frames }, SILENT_JOB);
  await oneByOne(frames.slice(0, WARM_STEPS));
  await atOnce(sliceAxis(input, 2, 0, WARM_STEPS));
  let single = 0;
  let many = 0;
  for (let round = 0; round < ROUNDS; round++) {
    single = Math.max(single, STEPS / (await wallSeconds(() => oneByOne(frames))));
    many = Math.max(many, STEPS / (await wallSeconds(() => atOnce(input))));
  }
  await stepper.release();
  await scanner.release();
  return { single, many };
}

function runnable(module: Module): RunnableModule {
  return {
    name: module.name,
    bytes: encodeGraph(module.graph, opsets),
    chunks: 1,
    gateRuns: 0,
    inputs: module.inputs,
    outputs: module.outputs,
    caches: module.caches.map(({ input, output, shape, init }) => {
      return { input, output, shape, dtype: "float32", init };
    }),
  };
}
