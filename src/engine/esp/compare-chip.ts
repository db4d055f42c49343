import { concatAxis, sliceAxis } from "../../core/ir/axis.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import { elements, floats, numbers, type Tensor } from "../../core/ir/tensor.ts";
import { DeviceTwin, quantizeFeed } from "../../core/program/interpreter.ts";
import { tensorIn } from "../../core/program/program.ts";
import type { ErrorSummary } from "../../core/quant/error-metrics.ts";
import { ErrorMeter } from "../../core/quant/error-metrics.ts";
import type { Rounding } from "../../core/quant/scheme.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import type { Block } from "../blocks.ts";
import { alignedPair } from "../compare/compare-float.ts";
import { Stepper } from "../stepper.ts";
import { atLength, offlineProgram, type PlacedModel } from "./chip-model.ts";
import { type ChipModule, chipFeed, fromChip, runnableChipModule } from "./chip-modules.ts";
import { twinRuntime } from "./twin-session.ts";

export interface CompareChipInput {
  readonly placed: PlacedModel;
  readonly analysis: StreamAnalysis;
  readonly modules: readonly ChipModule[];
  readonly chunk: number;
  readonly steps: number;
  /** Whole rounds of frames of every model input. */
  readonly inputs: Block;
  /** Offline float values of the outputs over the same frames. */
  readonly float: ReadonlyMap<ValueName, Tensor>;
  readonly rounding: Rounding;
}

export interface ChipComparison {
  /** Float offline against the twin offline. */
  readonly outputs: readonly ErrorSummary[];
  /** Twin streaming against twin offline, as integers. */
  readonly elements: number;
  readonly different: number;
  readonly worst: readonly { readonly value: ValueName; readonly count: number; readonly maxSteps: number }[];
}

/**
 * Runs the files of the modules chunk by chunk in the device twin, the whole input through the offline program, and compares:
 * integers with integers on every true frame, and the offline integers with float.
 */
export async function compareChip(input: CompareChipInput): Promise<ChipComparison> {
  const { placed, analysis, modules, inputs, float, chunk, steps } = input;
  const dims = new Map(Object.entries(inputs).map(([name, t]) => [name, t.dims]));
  const program = offlineProgram(atLength(placed, dims));
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, t]) => [name, quantizeFeed(program, name, floats(t))]),
  );
  const offline = new DeviceTwin(program).step(feeds);
  const streaming = await runStreaming(input);
  const worst: ChipComparison["worst"][number][] = [];
  const outputs: ErrorSummary[] = [];
  let [compared, different] = [0, 0];
  for (const name of program.outputs) {
    const whole = offline.get(name);
    const pair = alignedPair(name, { analysis, chunk, steps }, whole, streaming.get(name));
    if (pair) {
      const [a, b] = [elements(pair.offline), elements(pair.streaming)];
      let [count, maxSteps] = [0, 0];
      for (let i = 0; i < a.length; i++) {
        const off = Math.abs(Number(a[i]) - Number(b[i]));
        if (off > 0) count++;
        maxSteps = Math.max(maxSteps, off);
      }
      compared += a.length;
      different += count;
      if (count > 0) worst.push({ value: name, count, maxSteps });
    }
    const reference = float.get(name);
    if (whole && reference) {
      const meter = new ErrorMeter();
      const scale = 2 ** (tensorIn(program, name).exponents?.[0] ?? 0);
      const real = Float32Array.from(numbers(whole), (q) => q * scale);
      const fact = analysis.facts.get(name);
      const layout = { dims: reference.dims, ...(fact?.kind === "stream" && { axis: fact.axis }) };
      meter.add(floats(reference), real, layout);
      outputs.push(meter.summary(name));
    }
  }
  if (modules.length === 0) throw new Error("nothing to run");
  return { outputs, elements: compared, different, worst };
}

/** Every output over all steps, stacked with the run as first axis, in ONNX order. */
async function runStreaming({
  modules,
  chunk,
  steps,
  inputs,
  analysis,
  rounding,
}: CompareChipInput): Promise<Map<ValueName, Tensor>> {
  const stepper = await Stepper.open(
    twinRuntime(rounding),
    modules.map((m) => runnableChipModule(m, chunk)),
  );
  const runs = new Map<ValueName, Tensor[]>();
  try {
    for (let step = 0; step < steps; step++) {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, whole]) => {
          const axis = analysis.axes[name];
          const part = axis === undefined ? whole : sliceAxis(whole, axis, step * chunk, (step + 1) * chunk);
          const reader = modules.find((m) => m.module.inputs.some((p) => p.name === name));
          if (!reader) throw new Error(`no module reads ${name}`);
          return [name, chipFeed(reader, name, part)];
        }),
      );
      for (const run of await stepper.step(feeds)) {
        const module = modules[run.module];
        for (const [name, tensor] of run.outputs) {
          const list = runs.get(name) ?? [];
          if (module) list.push(fromChip(module, name, tensor));
          runs.set(name, list);
        }
      }
    }
  } finally {
    await stepper.release();
  }
  return new Map([...runs].map(([name, list]) => [name, stacked(list)]));
}

/** Results of single runs with the run as first axis. */
function stacked(runs: readonly Tensor[]): Tensor {
  return concatAxis(
    runs.map((t) => ({ ...t, dims: [1, ...t.dims] })),
    0,
  );
}
