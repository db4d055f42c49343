import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeNpy } from "../../src/core/format/npy/encode-npy.ts";
import { concatAxis, sliceAxis } from "../../src/core/ir/axis.ts";
import { elements, floats, type Tensor } from "../../src/core/ir/tensor.ts";
import { DeviceTwin, quantizeFeed } from "../../src/core/program/interpreter.ts";
import { channelsLast } from "../../src/core/program/layout/channels-last.ts";
import { transposeTensor } from "../../src/core/program/layout/reorder.ts";
import { tensorIn } from "../../src/core/program/program.ts";
import { esp32P4 } from "../../src/core/targets/esp32-p4.ts";
import { offlineProgram, type PlacedModel } from "../../src/engine/esp/chip-model.ts";
import { atDimsOf } from "../../src/engine/esp/place/offline-samples.ts";
import { quantizeCompatibly } from "../../src/engine/esp/place/quantize-esp.ts";
import { SILENT_JOB } from "../../src/engine/ports.ts";
import { createRuntime } from "../../src/runtime/ort.ts";
import { ROOT } from "../../test/source-imports.ts";
import { type Bench, cpuAndWall, type Measurement, type Seconds } from "../bench.ts";
import { FRAMES_PER_SECOND, INPUT, sampleTcn, sweep } from "../sample-tcn.ts";
import { peerPython } from "./python-venv.ts";

const PEER = { name: "esp-ppq-1.3.12", packages: ["esp-ppq==1.3.12", "torch==2.13.0", "onnxruntime"] };
const MINUTES = 10;
const ROUNDS = 2;
/** What both sides may use: Rill computes on one thread, and CPU seconds of one thread compare on a busy machine too. */
const THREADS = 1;
const CALIBRATION_GOAL = 8;
const SIMULATION_GOAL = 10;

/**
 * Frames of one sample. ESP-PPQ runs a graph of one shape, whole samples one by one; Rill does the same here. The goals hold for the
 * input that ESP-DL's tutorial calibrates with; what a run costs besides its arithmetic weighs less in longer samples, so the ratios
 * are smaller there.
 */
const LENGTHS = [
  { frames: 24, what: "24 frames, the input of ESP-DL's streaming tutorial", goals: true },
  { frames: 100, what: "1 s", goals: false },
  { frames: 1000, what: "10 s", goals: false },
] as const;

interface Peer {
  readonly calibrate: Seconds;
  readonly simulate: Seconds;
  readonly exponents: Readonly<Record<string, number>>;
  readonly outputs: readonly (readonly number[])[];
}

/** Calibration with KL, and a run of the quantized model, over the same samples in ESP-PPQ and here, in one run on one machine. */
export function espPpq(install: boolean): Bench {
  return {
    name: `ESP-PPQ 1.3.12 and Rill: the sample TCN, int8 for ESP32-P4, ${MINUTES} min of features, ${THREADS} thread each, CPU seconds`,
    async run() {
      const found = peerPython(PEER, install);
      if ("missing" in found) return found.missing;
      const folder = mkdtempSync(join(tmpdir(), "rill-peer-"));
      try {
        const rows: Measurement[] = [];
        for (const length of LENGTHS) rows.push(...(await compareAt(length, found.python, folder)));
        return rows;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

async function compareAt(
  { frames, what, goals }: (typeof LENGTHS)[number],
  python: string,
  folder: string,
): Promise<Measurement[]> {
  const count = Math.floor((MINUTES * 60 * FRAMES_PER_SECOND) / frames);
  const all = sweep(0, count * frames);
  const samples = Array.from({ length: count }, (_, i) => sliceAxis(all, 2, i * frames, (i + 1) * frames));
  const theirs = runPeer(samples, python, folder);
  const ours = await runHere(samples);
  const seconds = ({ cpu }: Seconds): string => `${cpu.toFixed(2)} s`;
  const ratio = (task: "calibrate" | "simulate", goal: number): Measurement => {
    const times = theirs[task].cpu / ours[task].cpu;
    return {
      what: `${task === "calibrate" ? "calibration" : "simulation"}: ${seconds(theirs[task])} / ${seconds(ours[task])}`,
      value: `${times.toFixed(1)} ×`,
      ...(goals && { goal: { text: `≥ ${goal} ×`, met: times >= goal } }),
    };
  };
  const real = (MINUTES * 60) / ours.simulate.cpu;
  return [
    { what: `samples of ${what}: ${count}`, value: sameNumbers(ours, theirs) },
    ratio("calibrate", CALIBRATION_GOAL),
    ratio("simulate", SIMULATION_GOAL),
    {
      what: "the twin alone, MMAC/s, × real time",
      value: `${(ours.megaMacs / ours.simulate.cpu).toFixed(0)}, ${real.toFixed(0)} ×`,
    },
    {
      what: "wall seconds: ESP-PPQ both, Rill both",
      value: `${(theirs.calibrate.wall + theirs.simulate.wall).toFixed(1)}, ${(ours.calibrate.wall + ours.simulate.wall).toFixed(1)}`,
    },
  ];
}

function runPeer(samples: readonly Tensor[], python: string, folder: string): Peer {
  const file = join(folder, "frames.npy");
  const stacked = concatAxis(
    samples.map((t) => ({ ...t, dims: [1, ...t.dims] })),
    0,
  );
  writeFileSync(file, encodeNpy(stacked));
  const script = join(ROOT, "bench", "peers", "run_esp_ppq.py");
  const model = join(ROOT, "public", "samples", "tone-tcn.onnx");
  return JSON.parse(
    execFileSync(python, [script, model, file, esp32P4.espPpq.target, String(THREADS)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, OMP_NUM_THREADS: String(THREADS) },
    }),
  );
}

interface Here {
  readonly calibrate: Seconds;
  readonly simulate: Seconds;
  readonly megaMacs: number;
  readonly placed: PlacedModel;
  /** Integers of the first sample's output, in the order of the float model. */
  readonly first: Tensor;
  readonly exponent: number;
}

async function runHere(features: readonly Tensor[]): Promise<Here> {
  const samples = features.map((tensor) => ({ [INPUT]: tensor }));
  const [first] = samples;
  if (!first) throw new Error("no samples");
  const model = atDimsOf(sampleTcn().normalized, first);
  const runtime = createRuntime();
  const [placed, calibrate] = await best(() =>
    quantizeCompatibly({ model, format: esp32P4.formats[8], method: "kl", samples }, runtime, SILENT_JOB),
  );
  const source = offlineProgram(placed);
  const { program, orders } = channelsLast(source);
  const twin = new DeviceTwin(program);
  const order = orders.get(INPUT);
  const run = (tensor: Tensor): Tensor => {
    const integers = quantizeFeed(source, INPUT, floats(tensor));
    const values = twin.step({ [INPUT]: order ? transposeTensor(integers, order) : integers });
    const [output = ""] = program.outputs;
    const result = values.get(output);
    if (!result) throw new Error("no output");
    return result;
  };
  const [, simulate] = await best(() => {
    for (const tensor of features) run(tensor);
    return Promise.resolve();
  });
  const [output = ""] = source.outputs;
  const back = orders.get(output);
  const firstOutput = run(features[0] as Tensor);
  return {
    calibrate,
    simulate,
    placed,
    megaMacs: (macsOf(placed) * features.length) / 1e6,
    first: back
      ? transposeTensor(
          firstOutput,
          back.map((_, i) => back.indexOf(i)),
        )
      : firstOutput,
    exponent: tensorIn(source, output).exponents?.[0] ?? 0,
  };
}

/** Multiplications of all filters in one run. */
function macsOf(placed: PlacedModel): number {
  const { kernels, tensors } = offlineProgram(placed);
  let macs = 0;
  for (const { form, inputs, outputs } of kernels) {
    if (form.kind !== "convolution") continue;
    const filter = tensors.get(inputs[1] ?? "")?.dims ?? [];
    const out = tensors.get(outputs[0] ?? "")?.dims ?? [];
    const perPlace = filter.slice(1).reduce((n, d) => n * d, 1);
    macs += out.reduce((n, d) => n * d, 1) * perPlace;
  }
  return macs;
}

/** The fastest of some rounds: warm, as ESP-PPQ is when its pass begins. */
async function best<T>(work: () => Promise<T>): Promise<[T, Seconds]> {
  let [result, seconds] = await cpuAndWall(work);
  for (let i = 1; i < ROUNDS; i++) {
    const [again, took] = await cpuAndWall(work);
    result = again;
    if (took.cpu < seconds.cpu) seconds = took;
  }
  return [result, seconds];
}

/** That it was the same work: exponents of all activations that both name, and the first sample's outputs. */
function sameNumbers({ placed, first, exponent }: Here, theirs: Peer): string {
  const ours = new Map<string, number>();
  for (const [node, { inputs, outputs }] of placed.placement) {
    for (const [i, slot] of inputs.entries())
      if (slot?.exponents[0] !== undefined) ours.set(node.inputs[i] ?? "", slot.exponents[0]);
    for (const [i, slot] of outputs.entries())
      if (slot?.exponents[0] !== undefined) ours.set(node.outputs[i] ?? "", slot.exponents[0]);
  }
  const both = Object.entries(theirs.exponents).filter(([name]) => ours.has(name));
  const equal = both.filter(([name, e]) => ours.get(name) === e).length;
  const [wanted = []] = theirs.outputs;
  const data = elements(first) as ArrayLike<number>;
  const different = wanted.filter((x, i) => x !== (data[i] as number) * 2 ** exponent).length;
  return `${equal}/${both.length} exponents equal, ${different}/${wanted.length} outputs differ`;
}
