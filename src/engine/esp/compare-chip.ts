import { sliceAxis } from "../../core/ir/axis.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import { elements, floats, numbers, type Tensor } from "../../core/ir/tensor.ts";
import { withDivisionsOf } from "../../core/program/division.ts";
import { DeviceTwin, quantizeFeed, type StepValues } from "../../core/program/interpreter.ts";
import { type Program, tensorIn } from "../../core/program/program.ts";
import { ErrorMeter, type ErrorSummary, type ErrorTrace } from "../../core/quant/error-metrics.ts";
import type { Rounding } from "../../core/quant/scheme.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import { type Block, framesOfInput, offlineInputs } from "../blocks.ts";
import { alignedPair } from "../compare/compare-float.ts";
import { firstTrueStep } from "../frames-of.ts";
import { makerOf, orderOf } from "../value-order.ts";
import { atLength, offlineProgram, type PlacedModel } from "./chip-model.ts";
import type { ChipModule } from "./chip-modules.ts";
import { runStreaming } from "./stream-chip.ts";

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

export interface AddOptions {
  /** Which integers of the streaming twin are compared. What is inside the modules is kept for the whole block. */
  readonly integers?: "outputs" | "inner" | "all";
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

  /** Adds a block. */
  async add(block: ChipBlock, { integers = "outputs" }: AddOptions = {}): Promise<void> {
    const { placed, analysis, modules, chunk } = this.subject;
    const { program, values: offline } = runWhole(placed, offlineInputs(block.inputs, analysis), modules);
    for (const [name, reference] of block.float) this.measure(program, name, reference, offline);
    const outputs = new Set(this.subject.modules.flatMap((m) => m.module.outputs.map((p) => p.name)));
    const perStep = new Map<ValueName, Tensor>();
    for (const [name, stream] of await runStreaming(this.subject, block, integers !== "outputs")) {
      if (integers === "inner" && outputs.has(name)) continue;
      const at = { analysis, chunk, steps: block.steps };
      if (analysis.facts.get(name)?.kind === "perStep") perStep.set(name, stream);
      else this.count(name, alignedPair(name, at, offline.get(name), stream));
    }
    this.addPerStep(block, perStep);
  }

  /**
   * A value of one step equals the offline value of the frames that end there. Steps are taken evenly over the block; of the frames
   * before them as many as the value depends on.
   */
  private addPerStep({ inputs, float }: ChipBlock, streaming: ReadonlyMap<ValueName, Tensor>): void {
    const { placed, analysis, modules } = this.subject;
    // Values that depend on the same frames share one run.
    const spans = new Map<
      string,
      { start: number; end: number; steps: { name: ValueName; run: number }[] }
    >();
    for (const [name, stream] of streaming) {
      for (const { run, start, end } of this.stepSpans(name, stream.dims[0] ?? 0)) {
        const key = `${start}-${end}`;
        const span = spans.get(key) ?? { start, end, steps: [] };
        spans.set(key, span);
        span.steps.push({ name, run });
      }
    }
    for (const { start, end, steps } of spans.values()) {
      const frames = framesBetween(inputs, analysis, start, end);
      const { program, values } = runWhole(placed, offlineInputs(frames, analysis), modules);
      for (const { name, run } of steps) {
        const [offline, stream] = [values.get(name), streaming.get(name)];
        if (!offline || !stream) continue;
        this.count(name, { offline, streaming: sliceAxis(stream, 0, run, run + 1) });
        const rows = float.get(name);
        if (rows && rows.dims[0] === stream.dims[0]) {
          const reference = sliceAxis(rows, 0, run, run + 1);
          this.measure(program, name, { ...reference, dims: rows.dims.slice(1) }, values);
        }
      }
    }
  }

  /** The runs of a per-step value that are compared, with the model-input frames that each depends on. */
  private stepSpans(name: ValueName, runs: number): { run: number; start: number; end: number }[] {
    const { analysis, modules, chunk } = this.subject;
    const fact = analysis.facts.get(name);
    const makes = (m: ChipModule): boolean => m.laid.program.kernels.some((k) => k.outputs.includes(name));
    const maker = modules.find((m) => m.module.outputs.some((p) => p.name === name)) ?? modules.find(makes);
    if (fact?.kind !== "perStep" || !maker) return [];
    const { num, den } = fact.rate;
    const perRun = maker.module.chunk;
    const late = Math.ceil((fact.delay * den) / num);
    const reach = fact.field.past + 1 + Math.ceil((fact.windowFrames * den) / num) + chunk;
    return spread(firstTrueStep(fact, perRun), runs).map((run) => {
      const end = (run + 1) * perRun - late;
      const start = Number.isFinite(reach) ? Math.max(0, Math.floor((end - reach) / perRun) * perRun) : 0;
      return { run, start, end };
    });
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

/** The offline program at the length of these inputs, dividing as these modules' files do, and all that it computes. */
export function runWhole(
  placed: PlacedModel,
  inputs: Block,
  modules: readonly ChipModule[] = [],
): { program: Program; values: StepValues } {
  const dims = new Map(Object.entries(inputs).map(([name, t]) => [name, t.dims]));
  const files = modules.map((m) => m.laid.program);
  const program = withDivisionsOf(offlineProgram(atLength(placed, dims)), files);
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, t]) => [name, quantizeFeed(program, name, floats(t))]),
  );
  return { program, values: new DeviceTwin(program).step(feeds) };
}

/** Steps of a value that is made once per step, of which each needs a run of the offline program. */
const MOST_STEPS = 48;

function spread(from: number, to: number): number[] {
  const count = Math.max(0, Math.min(MOST_STEPS, to - from));
  return Array.from({ length: count }, (_, i) => to - 1 - Math.floor((i * (to - from)) / count)).reverse();
}

function framesBetween(inputs: Block, analysis: StreamAnalysis, from: number, to: number): Block {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, t]) => {
      const axis = analysis.axes[name];
      const [a, b] = [framesOfInput(analysis, name, from), framesOfInput(analysis, name, to)];
      return [name, axis === undefined ? t : sliceAxis(t, axis, a, b)] as const;
    }),
  );
}

/** One block compared. */
export async function compareChip(subject: ChipSubject & ChipBlock): Promise<ChipComparison> {
  const meter = new ChipMeter(subject);
  await meter.add(subject, { integers: "all" });
  return meter.result();
}
