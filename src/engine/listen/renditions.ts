import type { Model, ValueName } from "../../core/ir/graph.ts";
import { numbers, type Tensor, tensorOf } from "../../core/ir/tensor.ts";
import { tensorIn } from "../../core/program/program.ts";
import type { Module } from "../../core/stream/module.ts";
import { type Block, offlineInputs } from "../blocks.ts";
import { alignedPair } from "../compare/compare-float.ts";
import { runWhole } from "../esp/compare-chip.ts";
import type { QuantizedChip } from "../esp/evaluate-chip.ts";
import type { Evaluation } from "../evaluate.ts";
import type { Job, Runtime } from "../ports.ts";
import { ScanRunner, unstacked } from "../scan-runner.ts";
import { runOffline } from "../twin-runs.ts";

/** The same output computed in several ways. `offline` is absent for a model that streams by itself. */
export type Rendition = "offline" | "streaming" | "quantized";

export interface RenditionInput {
  readonly output: ValueName;
  /** Whole rounds of frames. */
  readonly inputs: Block;
  readonly steps: number;
}

/** An output in every way that the evaluation has, aligned by delay, in real numbers. Empty if no true frame comes out. */
export async function renditions(
  evaluation: Evaluation,
  given: RenditionInput,
  runtime: Runtime,
  job: Pick<Job<never>, "checkpoint">,
): Promise<Map<Rendition, Tensor>> {
  const { opened, analysis, streaming, carried, quantized, chip } = evaluation;
  const { stream } = analysis;
  const { output, inputs, steps } = given;
  const made = new Map<Rendition, Tensor>();
  const float = await streamed(runtime, streaming.model, given, job);
  const integer = quantized && (await streamed(runtime, quantized, given, job));
  if (carried) {
    // Rolled as it is: nothing is late, and there is no offline form.
    const axis = streaming.model.outputs.find((p) => p.name === output)?.axis;
    if (float) made.set("streaming", unstacked(float, axis));
    if (integer) made.set("quantized", unstacked(integer, axis));
    return made;
  }
  const at = { analysis: stream, chunk: streaming.model.roundFrames, steps };
  const whole = await runOffline(runtime, opened.normalized, stream, at, [output], inputs);
  const offline = whole.get(output);
  const pair = alignedPair(output, at, offline, float);
  if (!pair) return made;
  made.set("offline", pair.offline);
  made.set("streaming", pair.streaming);
  const other = alignedPair(output, at, offline, integer);
  if (other) made.set("quantized", other.streaming);
  if (chip) made.set("quantized", onChip(chip, output, offlineInputs(inputs, stream)));
  return made;
}

interface Streams {
  readonly modules: readonly Module[];
  readonly opsets: Model["opsets"];
}

/** The output over all steps, [runs, …shape per run]. */
async function streamed(
  runtime: Runtime,
  { modules, opsets }: Streams,
  { output, inputs }: RenditionInput,
  job: Pick<Job<never>, "checkpoint">,
): Promise<Tensor | undefined> {
  const runner = await ScanRunner.open(runtime, modules, opsets);
  try {
    return (await runner.run(inputs, job)).get(output);
  } finally {
    await runner.release();
  }
}

/** The twin's integers as real numbers. Its offline form: streaming gives the same integers, which the comparison has shown. */
function onChip({ placed, modules }: QuantizedChip, output: ValueName, inputs: Block): Tensor {
  const { program, values } = runWhole(placed, inputs, modules);
  const { exponents, dims } = tensorIn(program, output);
  const integers = values.get(output);
  if (!integers) throw new Error(`the program has no ${output}`);
  const scale = 2 ** (exponents?.[0] ?? 0);
  return tensorOf(
    Float32Array.from(numbers(integers), (q) => q * scale),
    dims,
  );
}
