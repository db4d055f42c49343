import { concatAxis } from "../../core/ir/axis.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import { elements, floats, numbers, type Tensor } from "../../core/ir/tensor.ts";
import { DeviceTwin, quantizeFeed, type StepValues } from "../../core/program/interpreter.ts";
import { type Program, tensorIn } from "../../core/program/program.ts";
import { ErrorMeter, type ErrorSummary, type ErrorTrace } from "../../core/quant/error-metrics.ts";
import type { Rounding } from "../../core/quant/scheme.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import type { Block } from "../blocks.ts";
import { stepInputs } from "../carried/clip-blocks.ts";
import { alignedPair } from "../compare/compare-float.ts";
import { Stepper } from "../stepper.ts";
import { makerOf, orderOf } from "../value-order.ts";
import { atLength, offlineProgram, type PlacedModel } from "./chip-model.ts";
import { type ChipModule, chipFeed, fromChip, runnableChipModule } from "./chip-modules.ts";
import { twinRuntime } from "./twin-session.ts";

export interface ChipSubject {
  readonly placed: PlacedModel;
  readonly analysis: StreamAnalysis;
  readonly modules: readonly ChipModule[];
  /** Model-input frames per step. */
  readonly chunk: number;
  readonly rounding: Rounding;
}

/** One piece of a stream, from reset. */
export interface ChipBlock {
  readonly steps: number;
  /** Whole rounds of frames of every model input. */
  readonly inputs: Block;
  /** Offline float values over the same frames: those whose error is measured. */
  readonly float: ReadonlyMap<ValueName, Tensor>;
}

export interface ChipComparison {
  /** Float offline against the twin offline, in running order. */
  readonly values: readonly ErrorSummary[];
  readonly traces: readonly ErrorTrace[];
  /** Twin streaming against twin offline, as integers. */
  readonly elements: number;
  readonly different: number;
  readonly worst: readonly { readonly value: ValueName; readonly count: number; readonly maxSteps: number }[];
}

/**
 * Runs the files of the modules chunk by chunk in the device twin, whole blocks through the offline program, and compares:
 * integers with integers on every true frame, and the offline integers with float.
 */
export class ChipMeter {
  private readonly subject: ChipSubject;
  private readonly outputs: readonly ValueName[];
  private readonly meters = new Map<ValueName, ErrorMeter>();
  private readonly worst = new Map<ValueName, { count: number; maxSteps: number }>();
  private elements = 0;

  constructor(subject: ChipSubject) {
    if (subject.modules.length === 0) throw new Error("nothing to run");
    this.subject = subject;
    this.outputs = subject.placed.dialect.graph.outputs.map((o) => o.name);
  }

  /** Adds a block. `streaming: false` measures the offline twin alone. */
  async add(block: ChipBlock, { streaming = true }: { readonly streaming?: boolean } = {}): Promise<void> {
    const { placed, analysis, chunk } = this.subject;
    const dims = new Map(Object.entries(block.inputs).map(([name, t]) => [name, t.dims]));
    const program = offlineProgram(atLength(placed, dims));
    const feeds = Object.fromEntries(
      Object.entries(block.inputs).map(([name, t]) => [name, quantizeFeed(program, name, floats(t))]),
    );
    const offline = new DeviceTwin(program).step(feeds);
    for (const [name, reference] of block.float) this.measure(program, name, reference, offline);
    if (!streaming) return;
    for (const [name, stream] of await runStreaming(this.subject, block)) {
      this.count(name, alignedPair(name, { analysis, chunk, steps: block.steps }, offline.get(name), stream));
    }
  }

  private measure(program: Program, name: ValueName, reference: Tensor, offline: StepValues): void {
    const whole = offline.get(name);
    if (!whole || reference.dtype !== "float32") return;
    const { exponents, dims } = tensorIn(program, name);
    if (dims.join() !== reference.dims.join()) return;
    const scale = 2 ** (exponents?.[0] ?? 0);
    const real = Float32Array.from(numbers(whole), (q) => q * scale);
    const fact = this.subject.analysis.facts.get(name);
    const meter = this.meters.get(name) ?? new ErrorMeter();
    this.meters.set(name, meter);
    meter.add(floats(reference), real, { dims, ...(fact?.kind === "stream" && { axis: fact.axis }) });
  }

  private count(name: ValueName, pair: { offline: Tensor; streaming: Tensor } | undefined): void {
    if (!pair) return;
    const [a, b] = [elements(pair.offline), elements(pair.streaming)];
    const seen = this.worst.get(name) ?? { count: 0, maxSteps: 0 };
    for (let i = 0; i < a.length; i++) {
      const off = Math.abs(Number(a[i]) - Number(b[i]));
      if (off > 0) seen.count++;
      seen.maxSteps = Math.max(seen.maxSteps, off);
    }
    this.elements += a.length;
    this.worst.set(name, seen);
  }

  result(): ChipComparison {
    const { graph } = this.subject.analysis;
    const [maker, order] = [makerOf(graph), orderOf(graph)];
    const sorted = [...this.meters].sort(([a], [b]) => order(a) - order(b));
    const worst = [...this.worst].flatMap(([value, w]) => (w.count > 0 ? [{ value, ...w }] : []));
    return {
      values: sorted.map(([value, meter]) => meter.summary(value, 0, maker(value))),
      traces: sorted.flatMap(([value, meter]) => (this.outputs.includes(value) ? [meter.trace(value)] : [])),
      elements: this.elements,
      different: worst.reduce((n, w) => n + w.count, 0),
      worst: worst.sort((a, b) => b.count - a.count || order(a.value) - order(b.value)),
    };
  }
}

/** One block compared. */
export async function compareChip(subject: ChipSubject & ChipBlock): Promise<ChipComparison> {
  const meter = new ChipMeter(subject);
  await meter.add(subject);
  return meter.result();
}

/** Every output of a module over all steps, stacked with the run as first axis, in ONNX order. */
async function runStreaming(
  { modules, chunk, analysis, rounding }: ChipSubject,
  { steps, inputs }: ChipBlock,
): Promise<Map<ValueName, Tensor>> {
  const stepper = await Stepper.open(
    twinRuntime(rounding),
    modules.map((m) => runnableChipModule(m, chunk)),
  );
  const runs = new Map<ValueName, Tensor[]>();
  try {
    for (let step = 0; step < steps; step++) {
      for (const run of await stepper.step(chipFeeds(modules, stepInputs(inputs, analysis, chunk, step)))) {
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

/** Float inputs of one step as the chip receives them; those that no module reads are left out. */
export function chipFeeds(
  modules: readonly ChipModule[],
  inputs: Readonly<Record<ValueName, Tensor>>,
): Record<ValueName, Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, part]) => {
      const reader = modules.find((m) => m.module.inputs.some((p) => p.name === name));
      return reader ? [[name, chipFeed(reader, name, part)] as const] : [];
    }),
  );
}

/** Results of single runs with the run as first axis. */
function stacked(runs: readonly Tensor[]): Tensor {
  return concatAxis(
    runs.map((t) => ({ ...t, dims: [1, ...t.dims] })),
    0,
  );
}
