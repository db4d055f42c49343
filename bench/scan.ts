import { sliceAxis } from "../src/core/ir/axis.ts";
import { convert } from "../src/core/stream/convert.ts";
import { analyse } from "../src/engine/analyse.ts";
import { encodeGraph } from "../src/engine/encode-graph.ts";
import { SILENT_JOB } from "../src/engine/ports.ts";
import { ScanRunner } from "../src/engine/scan-runner.ts";
import { Stepper } from "../src/engine/stepper.ts";
import { createRuntime } from "../src/runtime/ort.ts";
import { type Bench, wallSeconds } from "./bench.ts";
import { INPUT, sampleTcn, sweep } from "./sample-tcn.ts";

const STEPS = 4096;
const WARM_STEPS = 256;
const ROUNDS = 3;
const GOAL_RATIO = 4;

/** The same steps of one frame, once with a call of the runtime for each and once inside an ONNX Scan. */
export const scan: Bench = {
  name: `${STEPS} steps of one frame of the sample TCN`,
  async run() {
    const opened = sampleTcn();
    const { opsets } = opened.normalized;
    const module = convert(opened.normalized, analyse(opened).stream, { chunk: 1 });
    const runtime = createRuntime();
    const stepper = await Stepper.open(runtime, [
      {
        name: module.name,
        bytes: encodeGraph(module.graph, opsets),
        inputs: module.inputs.map((p) => p.name),
        outputs: module.outputs.map((p) => p.name),
        caches: module.caches.map(({ input, output, shape, init }) => ({
          input,
          output,
          shape,
          dtype: "float32" as const,
          fill: init,
        })),
      },
    ]);
    const input = sweep(0, STEPS);
    const frames = Array.from({ length: STEPS }, (_, i) => sliceAxis(input, 2, i, i + 1));
    const one = async (count: number) => {
      for (const frame of frames.slice(0, count)) await stepper.step({ [INPUT]: frame });
    };
    const scanner = await ScanRunner.open(runtime, [module], opsets);
    await one(WARM_STEPS);
    await scanner.run({ [INPUT]: sliceAxis(input, 2, 0, WARM_STEPS) }, SILENT_JOB);
    // Alternating rounds, the fastest of each: other load on the machine meets both alike.
    let single = 0;
    let many = 0;
    for (let round = 0; round < ROUNDS; round++) {
      single = Math.max(single, STEPS / (await wallSeconds(() => one(STEPS))));
      many = Math.max(many, STEPS / (await wallSeconds(() => scanner.run({ [INPUT]: input }, SILENT_JOB))));
    }
    await stepper.release();
    await scanner.release();
    const ratio = many / single;
    return [
      { what: "one run per step, steps per second", value: single.toFixed(0) },
      { what: "Scan, steps per second", value: many.toFixed(0) },
      {
        what: "Scan / one run per step",
        value: `${ratio.toFixed(1)} ×`,
        goal: { text: `≥ ${GOAL_RATIO} ×`, met: ratio >= GOAL_RATIO },
      },
    ];
  },
};
