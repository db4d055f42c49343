import type { Graph, ValueName } from "../../core/ir/graph.ts";
import { floats, type Tensor } from "../../core/ir/tensor.ts";
import { producersOf } from "../../core/ir/walk.ts";
import type { GraphOptimization, Job, Runtime } from "../ports.ts";
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
 * What the runtime fuses decides how it rounds, and a tie in one value moves the sums of the next. So each level gives a
 * new chance to see the sums of a value without such a tie before it; sums that are wrong agree at no level.
 */
const LEVELS: readonly GraphOptimization[] = ["all", "disabled", "basic", "extended"];

/** Names of the numbers that are rounded to the integers of one value, and their step. */
interface Sums {
  readonly offline: ValueName;
  readonly streaming: ValueName;
  readonly scale: number;
}

/** Of `values`, whose integers differ: those whose numbers before rounding agree everywhere, offline and streaming. */
export async function roundingTies(
  input: CompareIntegersInput,
  values: readonly ValueName[],
  runtime: Runtime,
  job: Pick<Job<never>, "checkpoint">,
): Promise<Set<ValueName>> {
  const ties = new Set<ValueName>();
  const open = sumsOf(input, values);
  for (const level of LEVELS) {
    if (open.size === 0) break;
    for (const value of await agreeing(input, open, level, runtime, job)) {
      ties.add(value);
      open.delete(value);
    }
  }
  return ties;
}

function sumsOf({ quantized }: CompareIntegersInput, values: readonly ValueName[]): Map<ValueName, Sums> {
  const { offline, modules } = quantized;
  const sums = new Map<ValueName, Sums>();
  for (const value of values) {
    const at = offline.quantized.get(value);
    const scale = at?.params.scales[0];
    const before = at && roundedFrom(offline.model.graph, at.name);
    const inModule = modules.map((m) => at && roundedFrom(m.graph, at.name)).find((n) => n !== undefined);
    if (before !== undefined && inModule !== undefined && scale !== undefined)
      sums.set(value, { offline: before, streaming: inModule, scale });
  }
  return sums;
}

async function agreeing(
  { analysis, streaming, clips, quantized }: CompareIntegersInput,
  sums: ReadonlyMap<ValueName, Sums>,
  optimization: GraphOptimization,
  runtime: Runtime,
  job: Pick<Job<never>, "checkpoint">,
): Promise<Set<ValueName>> {
  const { offline, modules, opsets } = quantized;
  const names = [...sums.values()];
  const agreed = new Set(sums.keys());
  const observe = names.map((s) => s.streaming);
  const runner = await ScanRunner.open(runtime, modules, opsets, observe, optimization);
  try {
    for (const clip of clips) {
      const whole = await clipInputs(clip, analysis, streaming.roundFrames);
      if (!whole) continue;
      const at = { chunk: streaming.roundFrames, steps: whole.steps, optimization };
      await job.checkpoint();
      const wanted = names.map((s) => s.offline);
      const reference = await runOffline(runtime, offline.model, offline.analysis, at, wanted, whole.inputs);
      const actual = await runner.run(whole.inputs, job);
      for (const [value, { offline: off, streaming: on, scale }] of sums) {
        const place = { analysis: offline.analysis, ...at };
        const pair = alignedPair(off, place, reference.get(off), actual.get(on));
        if (!pair || !agree(pair.offline, pair.streaming, scale)) agreed.delete(value);
      }
    }
  } finally {
    await runner.release();
  }
  return agreed;
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
