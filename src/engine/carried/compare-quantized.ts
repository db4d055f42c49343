import type { ValueName } from "../../core/ir/graph.ts";
import { elements, floats, type Tensor } from "../../core/ir/tensor.ts";
import { ErrorMeter } from "../../core/quant/error-metrics.ts";
import { dequantizeTensor } from "../../core/quant/quantize-tensor.ts";
import type { Block } from "../blocks.ts";
import { observedValues } from "../calibrate.ts";
import type { ClipReader } from "../clip-reader.ts";
import { stepsWithinBudget } from "../compare/clip-inputs.ts";
import { encodeGraph } from "../encode-graph.ts";
import type { Job, Runtime } from "../ports.ts";
import { rowOf } from "../read-vectors.ts";
import type { CompareProgress, QuantizationReport } from "../reports.ts";
import { ScanRunner } from "../scan-runner.ts";
import { Stepper } from "../stepper.ts";
import { makerOf, orderOf } from "../value-order.ts";
import { clipBlocks, stepInputs } from "./clip-blocks.ts";
import type { Carried } from "./prepare-carried.ts";
import type { QuantizedCarried } from "./quantize-carried.ts";

/** Steps of a clip over which the int8 file is also run one step at a time. */
const SINGLE_STEPS = 64;

export interface CompareQuantizedInput {
  readonly carried: Carried;
  readonly quantized: QuantizedCarried;
  readonly method: string;
  readonly clips: readonly ClipReader[];
}

/**
 * Float against int8, both rolled from reset over whole clips with their own states: so errors add up over time as they
 * would on a device. There is no offline int8 model to compare integers with; instead the first steps are run again one
 * call at a time, and every output must be the same to the bit.
 */
export async function compareQuantized(
  input: CompareQuantizedInput,
  runtime: Runtime,
  job: Job<CompareProgress>,
): Promise<QuantizationReport> {
  const { carried, quantized, clips } = input;
  const { model, analysis } = carried.streaming;
  const values = observedValues(analysis);
  const states = new Set(model.modules.flatMap((m) => m.caches.map((c) => c.output)));
  const integers = integerNames(quantized, states);
  const outputs = model.outputs.filter((p) => p.dtype === "float32").map((p) => p.name);
  const names = [...new Set([...outputs, ...integers.keys()])].filter(
    (name) => values.includes(name) && !states.has(name),
  );
  const float = await ScanRunner.open(runtime, model.modules, model.opsets, names);
  const integerRunner = await ScanRunner.open(runtime, quantized.modules, quantized.opsets, [
    ...[...integers].map(([, at]) => at.name),
  ]);
  const meters = new Map<ValueName, ErrorMeter>();
  const single = new SingleSteps(outputs);
  const steps = stepsWithinBudget(analysis, model.chunk, names);
  try {
    for (const [i, clip] of clips.entries()) {
      job.report({ stage: "quantization", clip: i + 1, clipCount: clips.length, file: clip.file });
      let first = true;
      for await (const block of clipBlocks(clip, analysis, { chunk: model.chunk, steps })) {
        await job.checkpoint();
        const run = (runner: ScanRunner) =>
          first ? runner.run(block.inputs, job) : runner.resume(block.inputs, job);
        const [reference, actual] = [await run(float), await run(integerRunner)];
        for (const name of names) {
          const at = integers.get(name);
          const q = outputs.includes(name) ? actual.get(name) : at && actual.get(at.name);
          const f = reference.get(name);
          if (!f || !q) continue;
          const read = q.dtype === "float32" || !at ? q : dequantizeTensor(q, at.params);
          const meter = meters.get(name) ?? new ErrorMeter();
          meters.set(name, meter);
          meter.add(floats(f), floats(read), { dims: f.dims, axis: 0 });
        }
        if (first) await single.check(runtime, input, block, actual);
        first = false;
      }
    }
  } finally {
    await float.release();
    await integerRunner.release();
  }
  const maker = makerOf(analysis.graph);
  const order = orderOf(analysis.graph);
  const summaries = [...meters]
    .sort(([a], [b]) => order(a) - order(b))
    .map(([value, meter]) => meter.summary(value, 0, maker(value)));
  const shown = summaries.filter((s) => outputs.includes(s.value));
  const bytes = (modules: typeof model.modules): number =>
    modules.reduce((n, m) => n + encodeGraph(m.graph, quantized.opsets).byteLength, 0);
  return {
    target: quantized.target.id,
    method: input.method,
    outputs: shown,
    values: summaries,
    traces: shown.map((s) => (meters.get(s.value) as ErrorMeter).trace(s.value)),
    params: quantized.params,
    integerParity: single.report(model.chunk),
    floatBytes: bytes(model.modules),
    quantizedBytes: bytes(quantized.modules),
    findings: quantized.findings,
  };
}

/** Value → its integers, of what is computed in a step; what a state holds was computed or read before. */
function integerNames({ modules, quantized }: QuantizedCarried, states: ReadonlySet<ValueName>) {
  const made = new Set(modules.flatMap((m) => m.graph.nodes.flatMap((n) => n.outputs)));
  return new Map([...(quantized[0] ?? [])].filter(([, at]) => made.has(at.name) && !states.has(at.name)));
}

/** The int8 module one call at a time against many steps to a call. */
class SingleSteps {
  private readonly outputs: readonly ValueName[];
  private steps = 0;
  private elements = 0;
  private readonly differences = new Map<ValueName, { count: number; worst: number }>();

  constructor(outputs: readonly ValueName[]) {
    this.outputs = outputs;
  }

  async check(
    runtime: Runtime,
    { carried, quantized }: CompareQuantizedInput,
    block: { readonly inputs: Block; readonly steps: number },
    stacked: ReadonlyMap<ValueName, Tensor>,
  ): Promise<void> {
    const { model } = carried.streaming;
    const stepper = await Stepper.open(
      runtime,
      quantized.modules.map((m) => ({
        name: m.name,
        bytes: encodeGraph(m.graph, quantized.opsets),
        inputs: m.inputs,
        outputs: m.outputs,
        caches: m.caches,
        chunks: 1,
        gateRuns: 0,
      })),
    );
    const count = Math.min(SINGLE_STEPS, block.steps);
    try {
      for (let step = 0; step < count; step++) {
        const [run] = await stepper.step(
          stepInputs(block.inputs, carried.streaming.analysis, model.chunk, step),
        );
        for (const name of this.outputs) this.compare(name, stacked.get(name), run?.outputs.get(name), step);
      }
    } finally {
      await stepper.release();
    }
    this.steps += count;
  }

  private compare(
    name: ValueName,
    stacked: Tensor | undefined,
    alone: Tensor | undefined,
    step: number,
  ): void {
    if (!stacked || !alone) return;
    const a = elements(rowOf(stacked, step)) as ArrayLike<number>;
    const b = elements(alone) as ArrayLike<number>;
    this.elements += a.length;
    for (let i = 0; i < a.length; i++) {
      if (Object.is(a[i], b[i])) continue;
      const seen = this.differences.get(name) ?? { count: 0, worst: 0 };
      seen.count++;
      seen.worst = Math.max(seen.worst, Math.abs((a[i] ?? 0) - (b[i] ?? 0)));
      this.differences.set(name, seen);
    }
  }

  report(chunk: number): QuantizationReport["integerParity"] {
    const differences = [...this.differences].map(([value, { count, worst }]) => ({
      value,
      count,
      maxSteps: worst,
      cause: "unknown" as const,
    }));
    return {
      frames: this.steps * chunk,
      elements: this.elements,
      different: differences.reduce((n, d) => n + d.count, 0),
      differences,
    };
  }
}
