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
import { type Differences, explainDifferences } from "./differences.ts";

export interface CompareIntegersInput extends CompareInput {
  readonly quantized: QuantizedModel;
  readonly method: string;
}

/**
 * Float offline against int8 offline, value by value (accumulated error), float offline against int8 streaming at the
 * outputs, and int8 streaming against int8 offline as integers on every frame.
 */
export async function compareIntegers(
  input: CompareIntegersInput,
  runtime: Runtime,
  job: Job<CompareProgress>,
): Promise<QuantizationReport> {
  const { streaming, quantized, clips, analysis } = input;
  const comparison = new Comparison(input);
  const integers = comparison.integerNames();
  const runner = await ScanRunner.open(runtime, quantized.modules, quantized.opsets, [...integers.values()]);
  const short = await ScanRunner.open(runtime, quantized.modules, quantized.opsets);
  const budget = stepsWithinBudget(analysis, streaming.chunk, [...integers.keys()]);
  try {
    for (const [i, clip] of clips.entries()) {
      job.report({ stage: "quantization", clip: i + 1, clipCount: clips.length, file: clip.file });
      const whole = await clipInputs(clip, analysis, streaming.chunk);
      if (!whole) continue;
      const all = Math.min(whole.steps, budget);
      await comparison.pass(runtime, runner, job, { inputs: whole.inputs, steps: all, inner: true });
      if (all < whole.steps)
        await comparison.pass(runtime, short, job, {
          inputs: whole.inputs,
          steps: whole.steps,
          inner: false,
        });
    }
  } finally {
    await runner.release();
    await short.release();
  }
  return comparison.report();
}

interface Pass {
  readonly inputs: Block;
  readonly steps: number;
  /** Inner values too; else outputs only, over a longer stretch that replaces the shorter one. */
  readonly inner: boolean;
}

class Comparison {
  private readonly input: CompareIntegersInput;
  private readonly outputs: readonly ValueName[];
  private readonly meters = new Map<ValueName, ErrorMeter>();
  private readonly differences = new Map<ValueName, Differences>();
  private elementCount = 0;
  private frames = 0;

  constructor(input: CompareIntegersInput) {
    this.input = input;
    this.outputs = input.streaming.outputs.filter((p) => p.kind !== "static").map((p) => p.name);
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

  async pass(runtime: Runtime, runner: ScanRunner, job: Job<CompareProgress>, pass: Pass): Promise<void> {
    const { analysis, streaming, opened, quantized } = this.input;
    const at = { chunk: streaming.chunk, steps: pass.steps };
    const inputs = firstFrames(pass.inputs, analysis, at.chunk * at.steps);
    const names = pass.inner ? this.integerNames() : new Map<ValueName, ValueName>();
    await job.checkpoint();
    const floatValues = [...new Set([...this.outputs, ...names.keys()])].filter((v) => analysis.facts.has(v));
    const float = await runOffline(runtime, opened.normalized, analysis, at, floatValues, inputs);
    await job.checkpoint();
    const { offline } = quantized;
    const wanted = [...new Set([...this.outputs, ...names.values()])];
    const integer = await runOffline(runtime, offline.model, offline.analysis, at, wanted, inputs);
    const stream = await runner.run(inputs, job);
    for (const [value, name] of names) {
      const params = offline.quantized.get(value)?.params;
      const [reference, actual] = [float.get(value), integer.get(name)];
      if (!params || !reference || !actual) continue;
      this.measure(value, reference, dequantizeTensor(actual, params));
      this.count(value, alignedPair(value, { analysis, ...at }, actual, stream.get(name)));
    }
    this.frames += pass.inner ? at.chunk * at.steps : 0;
    if (pass.inner && !this.longer(pass)) this.measureOutputs({ analysis, ...at }, float, stream);
    else if (!pass.inner) this.measureOutputs({ analysis, ...at }, float, stream);
  }

  /** Whether a longer pass over the outputs follows this one. */
  private longer({ inputs, steps }: Pass): boolean {
    const { analysis, streaming } = this.input;
    return Object.entries(inputs).some(([name, t]) => {
      const axis = analysis.axes[name];
      return axis !== undefined && (t.dims[axis] ?? 0) > steps * streaming.chunk;
    });
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
    const seen = this.differences.get(value) ?? { count: 0, maxSteps: 0 };
    for (let i = 0; i < a.length; i++) {
      const steps = Math.abs((a[i] as number) - (b[i] as number));
      if (steps === 0) continue;
      seen.count++;
      seen.maxSteps = Math.max(seen.maxSteps, steps);
    }
    this.differences.set(value, seen);
    this.elementCount += a.length;
  }

  report(): QuantizationReport {
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
        differences: explainDifferences(analysis.graph, this.differences),
      },
      floatBytes: bytes(streaming.modules),
      quantizedBytes: bytes(quantized.modules),
      findings: quantized.findings,
    };
  }
}
