import type { Graph, ValueName } from "../../core/ir/graph.ts";
import { floats, type Tensor } from "../../core/ir/tensor.ts";
import { producersOf } from "../../core/ir/walk.ts";
import type { Job, Runtime } from "../ports.ts";
import { ScanRunner } from "../scan-runner.ts";
import { runOffline } from "../twin-runs.ts";
import { clipInputs } from "./clip-inputs.ts";
import { alignedPair } from "./compare-float.ts";
import type { CompareIntegersInput } from "./compare-integers.ts";

/**
 * Largest difference of two float sums that are one sum added up in another order, in quantization steps and relative
 * to the sum (float32 keeps 6e-8 of each of some hundred terms). A frame that read one wrong step is far beyond it.
 */
const STEP_TOLERANCE = 0.01;
const SUM_TOLERANCE = 1e-5;

/**
 * Of `values`, whose integers differ: those whose numbers before rounding agree everywhere, offline and streaming, where
 * the runtime fuses no operators. Which operators it fuses, and so how it rounds, depends on the graph around them.
 */
export async function roundingTies(
  { analysis, streaming, clips, quantized }: CompareIntegersInput,
  values: readonly ValueName[],
  runtime: Runtime,
  job: Pick<Job<never>, "checkpoint">,
): Promise<Set<ValueName>> {
  const { offline } = quantized;
  const sources = new Map<ValueName, { offline: ValueName; streaming: ValueName; scale: number }>();
  for (const value of values) {
    const at = offline.quantized.get(value);
    const scale = at?.params.scales[0];
    const before = at && roundedFrom(offline.model.graph, at.name);
    const inModule = quantized.modules
      .map((m) => at && roundedFrom(m.graph, at.name))
      .find((n) => n !== undefined);
    if (before !== undefined && inModule !== undefined && scale !== undefined)
      sources.set(value, { offline: before, streaming: inModule, scale });
  }
  const ties = new Set(sources.keys());
  if (ties.size === 0) return ties;
  const observe = [...sources.values()].map((s) => s.streaming);
  const runner = await ScanRunner.open(runtime, quantized.modules, quantized.opsets, observe, "disabled");
  try {
    for (const clip of clips) {
      const whole = await clipInputs(clip, analysis, streaming.chunk);
      if (!whole) continue;
      const { inputs, steps } = whole;
      const at = { chunk: streaming.chunk, steps, optimization: "disabled" as const };
      await job.checkpoint();
      const wanted = [...sources.values()].map((s) => s.offline);
      const reference = await runOffline(runtime, offline.model, offline.analysis, at, wanted, inputs);
      const actual = await runner.run(inputs, job);
      for (const [value, source] of sources) {
        const pair = alignedPair(
          source.offline,
          { analysis: offline.analysis, ...at },
          reference.get(source.offline),
          actual.get(source.streaming),
        );
        if (!pair || !agree(pair.offline, pair.streaming, source.scale)) ties.delete(value);
      }
    }
  } finally {
    await runner.release();
  }
  return ties;
}

/** What a QuantizeLinear rounds to `integers`; undefined if they are made otherwise. */
function roundedFrom(graph: Graph, integers: ValueName): ValueName | undefined {
  const maker = producersOf(graph).get(integers);
  return maker?.op === "QuantizeLinear" ? maker.inputs[0] : undefined;
}

function agree(a: Tensor, b: Tensor, scale: number): boolean {
  const [x, y] = [floats(a), floats(b)];
  return x.every((v, i) => {
    const difference = Math.abs(v - (y[i] as number));
    return difference <= STEP_TOLERANCE * scale + SUM_TOLERANCE * Math.abs(v);
  });
}
