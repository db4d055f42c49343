import { approximate, chosenIn } from "../core/approximation/approximate.ts";
import { type FrozenStatistic, frozenStatistic } from "../core/approximation/frozen.ts";
import { fail } from "../core/base/problem.ts";
import { nodeKey, type ValueName } from "../core/ir/graph.ts";
import { floats, type Tensor } from "../core/ir/tensor.ts";
import { infoOf } from "../core/ir/walk.ts";
import { broadcastIndex } from "../core/ops/rules/broadcast.ts";
import type { Approximation, Approximations } from "../core/plan/approximation.ts";
import type { TimeAxes } from "../core/stream/analysis.ts";
import type { ClipReader } from "./clip-reader.ts";
import { encodeGraph } from "./encode-graph.ts";
import type { OpenedModel } from "./open-model.ts";
import type { Job, Runtime } from "./ports.ts";

/** Frames that one run of the offline model takes: a few seconds, so that its activations stay small. */
const MOST_FRAMES = 4096;

/** Keys of the nodes whose frozen statistics still have to be measured. */
export function unmeasuredNodes(approximations: Approximations): string[] {
  return Object.entries(approximations).flatMap(([node, a]) => (isUnmeasured(a) ? [node] : []));
}

function isUnmeasured(a: Approximation): boolean {
  return a.kind === "frozen" && a.mean.length === 0;
}

/**
 * The approximations with every frozen statistic measured: mean (and variance) of what the opened, unconverted model computes at that
 * place, over all frames of all clips. Numbers are float32. Throws `data.none` without clips.
 */
export async function freezeStatistics(
  { normalized, inference }: OpenedModel,
  axes: TimeAxes,
  approximations: Approximations,
  clips: readonly ClipReader[],
  runtime: Runtime,
  job: Job<unknown>,
): Promise<Approximations> {
  if (unmeasuredNodes(approximations).length === 0) return approximations;
  if (clips.length === 0) fail({ code: "data.none" });
  const choice = chosenIn(approximations);
  const wanted = new Map<string, FrozenStatistic>();
  // What follows a frozen node only shows once something streams in its place.
  approximate(normalized, inference, axes, (refused) => {
    const chosen = choice(refused);
    if (!chosen || !isUnmeasured(chosen)) return chosen;
    const statistic = frozenStatistic(refused);
    if (statistic) wanted.set(nodeKey(refused.node), statistic);
    return statistic && { kind: "running" };
  });
  const meters = new Map([...wanted].map(([key, statistic]) => [key, new MomentMeter(statistic)]));
  const sources = [...new Set([...wanted.values()].map((s) => s.refused.source))];
  const info = infoOf(normalized.graph);
  const inputs = new Set(normalized.graph.inputs.map((v) => v.name));
  const outputs = sources
    .filter((v) => !inputs.has(v))
    .map((name) => ({ name, dtype: "float32" as const, ...info(name) }));
  const session = await runtime.open(
    encodeGraph(
      { ...normalized.graph, outputs: outputs.length > 0 ? outputs : normalized.graph.outputs },
      normalized.opsets,
    ),
  );
  const fixed = fixedFrames(normalized.graph.inputs, axes);
  try {
    for (const clip of clips) {
      clip.rewind();
      for (;;) {
        await job.checkpoint();
        const block = await clip.read(fixed ?? MOST_FRAMES);
        const frames = block && framesIn(block, axes);
        if (!block || (fixed !== undefined && frames !== fixed)) break;
        const results = await session.run(block);
        for (const meter of meters.values()) {
          const source = results[meter.source] ?? block[meter.source];
          if (source) meter.add(source);
        }
      }
    }
  } finally {
    await session.release();
  }
  const measured = [...meters].map(([key, meter]) => [key, meter.finish()] as const);
  return { ...approximations, ...Object.fromEntries(measured) };
}

/** The only number of frames that the model takes, if it is fixed. */
function fixedFrames(
  inputs: readonly { name: string; shape?: readonly unknown[] }[],
  axes: TimeAxes,
): number | undefined {
  for (const { name, shape } of inputs) {
    const axis = axes[name];
    const extent = axis === undefined ? undefined : shape?.[axis];
    if (typeof extent === "number") return extent;
  }
  return undefined;
}

function framesIn(block: Readonly<Record<ValueName, Tensor>>, axes: TimeAxes): number {
  const [first] = Object.entries(axes);
  return first ? (block[first[0]]?.dims[first[1]] ?? 0) : 0;
}

/** Mean and variance per element of a statistic, over everything that was added. */
class MomentMeter {
  readonly source: ValueName;
  private readonly statistic: FrozenStatistic;
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;
  private readonly counts: Float64Array;

  constructor(statistic: FrozenStatistic) {
    this.statistic = statistic;
    this.source = statistic.refused.source;
    const size = statistic.dims.reduce((n, d) => n * d, 1);
    this.sums = new Float64Array(size);
    this.squares = new Float64Array(size);
    this.counts = new Float64Array(size);
  }

  add(tensor: Tensor): void {
    const { dims, grouped } = this.statistic;
    const groups = grouped?.groups;
    const full = groups
      ? [tensor.dims[0] ?? 1, groups.count, groups.each, ...tensor.dims.slice(2)]
      : tensor.dims;
    const at = broadcastIndex(dims, full);
    for (const [i, x] of floats(tensor).entries()) {
      const k = at(i);
      this.sums[k] = (this.sums[k] ?? 0) + x;
      this.squares[k] = (this.squares[k] ?? 0) + x * x;
      this.counts[k] = (this.counts[k] ?? 0) + 1;
    }
  }

  finish(): Approximation {
    const of = (sums: Float64Array): number[] =>
      Array.from(sums, (s, k) => s / Math.max(1, this.counts[k] ?? 1));
    const mean = of(this.sums);
    const rounded = (list: readonly number[]): number[] => list.map((x) => Math.fround(x) + 0);
    if (!this.statistic.variance) return { kind: "frozen", mean: rounded(mean) };
    const meanSquare = of(this.squares);
    const centred = !this.statistic.rootMeanSquare;
    const variance = meanSquare.map((s, k) => (centred ? Math.max(0, s - (mean[k] ?? 0) ** 2) : s));
    return { kind: "frozen", mean: rounded(mean), variance: rounded(variance) };
  }
}
