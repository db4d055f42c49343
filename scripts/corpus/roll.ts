import { StudioError } from "../../src/core/base/problem.ts";
import { concatAxis } from "../../src/core/ir/axis.ts";
import type { ValueName } from "../../src/core/ir/graph.ts";
import { floats, floatTensor, longTensor, sizeOf, type Tensor } from "../../src/core/ir/tensor.ts";
import { infoOf } from "../../src/core/ir/walk.ts";
import { ErrorMeter } from "../../src/core/quant/error-metrics.ts";
import { stateBytes, statePairs } from "../../src/core/stream/state-pairs.ts";
import { TWIN_TOLERANCE } from "../../src/engine/compare-twin.ts";
import { uniformNoise } from "../../src/engine/noise-clip.ts";
import type { OpenedModel } from "../../src/engine/open-model.ts";
import { type Runtime, SILENT_JOB } from "../../src/engine/ports.ts";
import { type Roll, RolledModel } from "../../src/engine/run-rolled.ts";

const STEPS = 24;
/** Frames per step that are tried where the file leaves them open: some models need whole windows of samples. */
const CHUNKS = [1, 512];
const BATCH = /batch|^n$|^b$|^unk/i;
const RATE_HZ = 16_000;

export interface RolledAlone {
  readonly outcome: "already streaming" | "BUG";
  readonly said: string;
  readonly chunk?: number;
  readonly cacheBytes: number;
  /** True if the file takes any number of frames per step. */
  readonly openAxis: boolean;
}

/**
 * A model with states and no twin at hand: rolled over noise it must run, stay finite, and, where it takes any chunk, give
 * the same frames for chunks of 1 and 4.
 */
export async function rollOnItsOwn(opened: OpenedModel, runtime: Runtime): Promise<RolledAlone> {
  const { pairs, rest } = statePairs(opened.normalized, opened.inference);
  const axes = openAxes(opened, rest.inputs);
  const openAxis = axes.size > 0;
  const base = { cacheBytes: stateBytes(pairs), openAxis };
  const states = `${pairs.length} states, surest ${Math.max(...pairs.map((p) => p.confidence))}, least sure ${Math.min(...pairs.map((p) => p.confidence))}`;
  const run = (chunk: number, frames: number) => rollNoise(opened, runtime, { axes, chunk, frames });
  for (const chunk of openAxis ? CHUNKS : [1]) {
    try {
      const results = await run(chunk, chunk * STEPS);
      const finite = [...results.values()].every((list) =>
        list.every((t) => floats(t).every(Number.isFinite)),
      );
      // Without an open axis the file alone decides what a step is.
      const head = openAxis ? { ...base, chunk } : base;
      if (!finite) return { ...head, outcome: "BUG", said: `${states}; rolling is not finite` };
      if (!openAxis || chunk > 1)
        return { ...head, outcome: "already streaming", said: `${states}; rolled ${STEPS} steps` };
      const worst = differenceOf(results, await run(4, STEPS));
      const same = worst <= TWIN_TOLERANCE;
      return {
        ...head,
        outcome: same ? "already streaming" : "BUG",
        said: `${states}; chunks of 1 and 4 ${same ? "agree" : "differ"} (${worst.toExponential(1)})`,
      };
    } catch (error) {
      if (!(error instanceof StudioError) || error.problem.code !== "model.runtimeRefused") throw error;
    }
  }
  return { ...base, outcome: "already streaming", said: `${states}; no chunk of ${CHUNKS.join(", ")} runs` };
}

function openAxes(opened: OpenedModel, inputs: readonly ValueName[]): Map<ValueName, number> {
  const declared = infoOf(opened.original.graph);
  const axes = new Map<ValueName, number>();
  for (const name of inputs) {
    const axis = (declared(name)?.shape ?? []).findIndex(
      (d) => typeof d !== "number" && !BATCH.test(d ?? ""),
    );
    if (axis >= 0) axes.set(name, axis);
  }
  return axes;
}

interface NoiseRoll {
  readonly axes: ReadonlyMap<ValueName, number>;
  readonly chunk: number;
  readonly frames: number;
}

/** Steps of a fixed shape stand one after the other on the first axis, whatever it means. */
async function rollNoise(
  opened: OpenedModel,
  runtime: Runtime,
  { axes, chunk, frames }: NoiseRoll,
): Promise<Map<ValueName, Tensor[]>> {
  const { pairs, rest } = statePairs(opened.normalized, opened.inference);
  const declared = infoOf(opened.original.graph);
  const next = uniformNoise(1);
  const inputs: Record<ValueName, Tensor> = {};
  const rolls: Record<ValueName, Roll> = {};
  for (const name of rest.inputs) {
    const { shape = [], dtype } = declared(name) ?? { name };
    if (dtype === "int64") {
      // The only integer input that streaming speech models have: the sample rate.
      inputs[name] = longTensor(
        [RATE_HZ],
        shape.map(() => 1),
      );
      continue;
    }
    const open = axes.get(name);
    const axis = open ?? 0;
    const sizes = shape.map((d) => (typeof d === "number" ? d : 1));
    const window = open === undefined ? (sizes[0] ?? 1) : chunk;
    const dims = sizes.map((d, i) => (i === axis ? (open === undefined ? d * STEPS : frames) : d));
    inputs[name] = floatTensor(Float32Array.from({ length: sizeOf(dims) }, next), dims);
    rolls[name] = { axis, window, hop: window };
  }
  const rolled = await RolledModel.open(runtime, opened, { pairs, rolls });
  try {
    return await rolled.run(inputs, SILENT_JOB);
  } finally {
    await rolled.release();
  }
}

function differenceOf(a: ReadonlyMap<ValueName, Tensor[]>, b: ReadonlyMap<ValueName, Tensor[]>): number {
  let worst = 0;
  for (const [name, list] of a) {
    const other = b.get(name) ?? [];
    const axis = (list[0]?.dims ?? []).findIndex((d, i) => d !== other[0]?.dims[i]);
    if (axis < 0) continue;
    const meter = new ErrorMeter();
    const whole = concatAxis(list, axis);
    meter.add(floats(whole), floats(concatAxis(other, axis)), { dims: whole.dims, axis });
    worst = Math.max(worst, meter.summary(name).maxRelative);
  }
  return worst;
}
