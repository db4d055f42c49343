import type { ValueName } from "../../core/ir/graph.ts";
import { elements, floats, type Tensor } from "../../core/ir/tensor.ts";
import { ErrorMeter } from "../../core/quant/error-metrics.ts";
import { dequantizeTensor } from "../../core/quant/quantize-tensor.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import { type Block, firstFrames } from "../blocks.ts";
import { encodeGraph } from "../encode-graph.ts";
import type { Job, Runtime } from "../ports.ts";
import type { QuantizedModel } from "../quantize.ts";
import type { CompareProgress, QuantizationReport } from "../reports.ts";
import { ScanRunner } from "../scan-runner.ts";
import { runOffline } from "../twin-runs.ts";
import { makerOf, orderOf } from "../value-order.ts";
import { clipInputs, stepsWithinBudget } from "./clip-inputs.ts";
import { alignedPair, type CompareInput } from "./compare-float.ts";
import { type Differences, explainDifferences, possibleTies } from "./differences.ts";
import { roundingTies } from "./rounding-ties.ts";

export interface CompareIntegersInput extends CompareInput {
  readonly quantized: QuantizedModel;
  readonly method: string;
}

/**
 * Float offline against int8 offline, value by value (accumulated error), float offline against int8 streaming at the
 * outputs, and int8 streaming against int8 offline as integers: outputs on every frame, inner values over as many steps
 * as fit in memory, or on every frame too, group by group, if an output differs.
 */
export async function compareIntegers(
  input: CompareIntegersInput,
  runtime: Runtime,
  job: Job<CompareProgress>,
): Promise<QuantizationReport> {
  const { streaming, quantized, clips, analysis, valueBytes } = input;
  const comparison = new Comparison(input);
  const all = comparison.integerNames();
  const outputs = new Map([...all].filter(([value]) => comparison.isOutput(value)));
  const open = (names: Names) =>
    ScanRunner.open(runtime, quantized.modules, quantized.opsets, [...names.values()]);
  const runner = await open(all);
  const short = await open(outputs);
  const budget = stepsWithinBudget(analysis, streaming.roundFrames, [...all.keys()], valueBytes);
  try {
    for (const [i, clip] of clips.entries()) {
      job.report({ stage: "quantization", clip: i + 1, clipCount: clips.length, file: clip.file });
      const whole = await clipInputs(clip, analysis, streaming.roundFrames);
      if (!whole) continue;
      const { inputs, steps } = whole;
      const first = Math.min(steps, budget);
      const measure = first === steps ? "all" : "inner";
      await comparison.pass(runtime, runner, job, { inputs, steps: first, names: all, measure });
      if (first < steps) {
        await comparison.pass(runtime, short, job, { inputs, steps, names: outputs, measure: "outputs" });
        for (const names of comparison.differs(outputs) ? groupsWithin(input, all, steps) : []) {
          const group = await open(names);
          await comparison
            .pass(runtime, group, job, { inputs, steps, names, measure: "none" })
            .finally(() => group.release());
        }
      }
      comparison.endClip(Math.min(clip.frames, (outputs.size > 0 ? steps : first) * streaming.roundFrames));
    }
  } finally {
    await runner.release();
    await short.release();
  }
  return comparison.report(await roundingTies(input, comparison.possibleTies(), runtime, job));
}

/** Value → the name of its integers. */
type Names = ReadonlyMap<ValueName, ValueName>;

/** The values in groups that may be held over all steps at once. */
function groupsWithin(input: CompareIntegersInput, names: Names, steps: number): Names[] {
  const { analysis, streaming, valueBytes } = input;
  const groups: Map<ValueName, ValueName>[] = [];
  for (const [value, integers] of names) {
    const last = groups.at(-1);
    const together = [...(last?.keys() ?? []), value];
    const fits = stepsWithinBudget(analysis, streaming.roundFrames, together, valueBytes) >= steps;
    if (last && fits) last.set(value, integers);
    else groups.push(new Map([[value, integers]]));
  }
  return groups;
}

interface Pass {
  readonly inputs: Block;
  readonly steps: number;
  /** Whose integers are compared, in place of what a shorter pass over this clip found. */
  readonly names: Names;
  /** Which errors against float are measured. */
  readonly measure: "all" | "inner" | "outputs" | "none";
}

class Comparison {
  private readonly input: CompareIntegersInput;
  private readonly outputs: readonly ValueName[];
  private readonly meters = new Map<ValueName, ErrorMeter>();
  private readonly differences = new Map<ValueName, Differences>();
  private readonly ofClip = new Map<ValueName, Differences & { readonly elements: number }>();
  private elementCount = 0;
  private frames = 0;

  constructor(input: CompareIntegersInput) {
    this.input = input;
    // An index or a truth value has no error in numbers: those are compared by the float side alone.
    this.outputs = input.streaming.outputs
      .filter((p) => p.kind !== "static" && p.dtype === "float32")
      .map((p) => p.name);
  }

  /** Value → the name of its integers, the same in the offline twin and in the module that makes it. */
  integerNames(): Map<ValueName, ValueName> {
    const { quantized } = this.input;
    const offline = quantized.offline.quantized;
    const names = new Map<ValueName, ValueName>();
    for (const [i, module] of quantized.modules.entries()) {
      const made = new Set(module.graph.nodes.flatMap((n) => n.outputs));
      for (const [value, at] of quantized.quantized[i] ?? []) {
        if (made.has(at.name) && offline.get(value)?.name === at.name) names.set(value, at.name);
      }
    }
    return names;
  }

  isOutput(value: ValueName): boolean {
    return this.outputs.includes(value);
  }

  async pass(runtime: Runtime, runner: ScanRunner, job: Job<CompareProgress>, pass: Pass): Promise<void> {
    const { analysis, streaming, opened, quantized } = this.input;
    const { names, measure, steps } = pass;
    const at = { chunk: streaming.roundFrames, steps };
    const inputs = firstFrames(pass.inputs, analysis, at.chunk * at.steps);
    await job.checkpoint();
    const wanted = measure === "none" ? [] : [...new Set([...this.outputs, ...names.keys()])];
    const floatValues = wanted.filter((v) => analysis.facts.has(v));
    const float: ReadonlyMap<ValueName, Tensor> =
      floatValues.length === 0
        ? new Map()
        : await runOffline(runtime, opened.normalized, analysis, at, floatValues, inputs);
    await job.checkpoint();
    const { offline } = quantized;
    const integer = await runOffline(
      runtime,
      offline.model,
      offline.analysis,
      at,
      [...names.values()],
      inputs,
    );
    const stream = await runner.run(inputs, job);
    for (const [value, name] of names) {
      const params = offline.quantized.get(value)?.params;
      const [reference, actual] = [float.get(value), integer.get(name)];
      if (!params || !actual) continue;
      if (reference && measure !== "outputs")
        this.measure(value, reference, dequantizeTensor(actual, params));
      this.count(value, alignedPair(value, { analysis, ...at }, actual, stream.get(name)));
    }
    if (measure === "all" || measure === "outputs") this.measureOutputs({ analysis, ...at }, float, stream);
  }

  private measureOutputs(
    at: { readonly analysis: StreamAnalysis; readonly chunk: number; readonly steps: number },
    float: ReadonlyMap<ValueName, Tensor>,
    stream: ReadonlyMap<ValueName, Tensor>,
  ): void {
    for (const name of this.outputs) {
      const pair = alignedPair(name, at, float.get(name), stream.get(name));
      if (pair) this.measure(name, pair.offline, pair.streaming, pair.axis);
    }
  }

  private measure(value: ValueName, reference: Tensor, actual: Tensor, axis?: number): void {
    if (this.outputs.includes(value) && axis === undefined) return;
    const fact = this.input.analysis.facts.get(value);
    const meter = this.meters.get(value) ?? new ErrorMeter();
    this.meters.set(value, meter);
    const along = axis ?? (fact?.kind === "stream" ? fact.axis : 0);
    meter.add(floats(reference), floats(actual), { dims: reference.dims, axis: along });
  }

  private count(value: ValueName, pair: { offline: Tensor; streaming: Tensor } | undefined): void {
    if (!pair) return;
    const a = elements(pair.offline) as Int8Array;
    const b = elements(pair.streaming) as Int8Array;
    const seen = { count: 0, maxSteps: 0, elements: a.length };
    for (let i = 0; i < a.length; i++) {
      const steps = Math.abs((a[i] as number) - (b[i] as number));
      if (steps === 0) continue;
      seen.count++;
      seen.maxSteps = Math.max(seen.maxSteps, steps);
    }
    this.ofClip.set(value, seen);
  }

  /** Whether integers of these values differ in the current clip. */
  differs(names: Names): boolean {
    return [...names.keys()].some((value) => (this.ofClip.get(value)?.count ?? 0) > 0);
  }

  /** Adds the current clip, whose outputs were compared over `frames`, to the whole. */
  endClip(frames: number): void {
    this.frames += frames;
    for (const [value, { count, maxSteps, elements: compared }] of this.ofClip) {
      const seen = this.differences.get(value) ?? { count: 0, maxSteps: 0 };
      seen.count += count;
      seen.maxSteps = Math.max(seen.maxSteps, maxSteps);
      this.differences.set(value, seen);
      this.elementCount += compared;
    }
    this.ofClip.clear();
  }

  possibleTies(): ValueName[] {
    return possibleTies(this.input.analysis.graph, this.differences);
  }

  report(ties: ReadonlySet<ValueName>): QuantizationReport {
    const { quantized, streaming, method, analysis } = this.input;
    const maker = makerOf(analysis.graph);
    const order = orderOf(analysis.graph);
    const summaries = [...this.meters]
      .sort(([a], [b]) => order(a) - order(b))
      .map(([value, meter]) => meter.summary(value, 0, maker(value)));
    const outputs = summaries.filter((s) => this.outputs.includes(s.value));
    const bytes = (modules: typeof streaming.modules): number =>
      modules.reduce((n, m) => n + encodeGraph(m.graph, quantized.opsets).byteLength, 0);
    return {
      target: quantized.target.id,
      method,
      outputs,
      values: summaries,
      traces: outputs.map((s) => (this.meters.get(s.value) as ErrorMeter).trace(s.value)),
      params: quantized.params,
      integerParity: {
        frames: this.frames,
        elements: this.elementCount,
        different: [...this.differences.values()].reduce((n, d) => n + d.count, 0),
        differences: explainDifferences(analysis.graph, this.differences, ties),
      },
      floatBytes: bytes(streaming.modules),
      quantizedBytes: bytes(quantized.modules),
      findings: quantized.findings,
    };
  }
}
