import { concatAxis, sliceAxis } from "../../core/ir/axis.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import type { Tensor } from "../../core/ir/tensor.ts";
import type { ErrorMeter } from "../../core/quant/error-metrics.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import { type Block, firstFrames } from "../blocks.ts";
import { firstTrueStep, framesAfter } from "../frames-of.ts";
import { alignedPair, real } from "./compare-float.ts";
import { framesOf, type OpenedFile } from "./opened-file.ts";

/** Windows and pieces of one clip that are run at most. */
const MOST_RUNS = 24;

export type MeterOf = (value: ValueName) => ErrorMeter | undefined;

interface ClipAt {
  readonly analysis: StreamAnalysis;
  readonly chunk: number;
  readonly steps: number;
  readonly values: readonly ValueName[];
  readonly inputs: Block;
}

interface Runs {
  readonly file: OpenedFile;
  readonly streamed: (inputs: Block) => Promise<ReadonlyMap<ValueName, Tensor>>;
}

type Results = Readonly<Record<ValueName, Tensor>>;

/** A whole clip: what offline has once, streaming has at every frame or step. */
export function addWhole(
  at: ClipAt,
  results: Results,
  streamed: ReadonlyMap<ValueName, Tensor>,
  meter: MeterOf,
): void {
  for (const name of at.values) {
    const offline = spread(at, name, results[name]);
    const pair = alignedPair(name, at, offline, streamed.get(name));
    if (!pair || !sameSize(pair.offline, pair.streaming)) continue;
    const { dims } = pair.offline;
    meter(name)?.add(real(pair.offline), real(pair.streaming), { dims, axis: pair.axis });
  }
}

/** Pieces as long as the file declares, streamed from reset. */
export async function addPieces(at: ClipAt, length: number, runs: Runs, meter: MeterOf): Promise<void> {
  const frames = at.steps * at.chunk;
  const steps = Math.floor(length / at.chunk);
  const count = Math.floor(frames / length);
  for (const piece of sampled(0, count)) {
    const from = piece * length;
    const inputs = framesOf(at.inputs, at.analysis, [from, from + length]);
    const results = await runs.file.run(inputs);
    const part = firstFrames(inputs, at.analysis, steps * at.chunk);
    addWhole({ ...at, steps, inputs: part }, results, await runs.streamed(part), meter);
  }
}

/** The newest `length` frames at sampled steps, against what streaming gives out at these steps. */
export async function addWindows(at: ClipAt, length: number, runs: Runs, meter: MeterOf): Promise<void> {
  const { analysis, chunk, steps } = at;
  const lateness = at.values.map((name) => inputDelay(analysis, name));
  const first = Math.max(
    0,
    ...at.values.map((name, i) => {
      const fact = analysis.facts.get(name);
      const own = fact?.kind === "perStep" ? firstTrueStep(fact, chunk) : 0;
      return Math.max(own, Math.ceil((length + (lateness[i] ?? 0)) / chunk) - 1);
    }),
  );
  const streamed = await runs.streamed(at.inputs);
  for (const step of sampled(first, steps)) {
    for (const late of new Set(lateness)) {
      const to = (step + 1) * chunk - late;
      const results = await runs.file.run(framesOf(at.inputs, analysis, [to - length, to]));
      for (const [i, name] of at.values.entries()) {
        const [offline, stream] = [results[name], streamed.get(name)];
        if (lateness[i] !== late || analysis.facts.get(name)?.kind !== "perStep") continue;
        const own = stream && sliceAxis(stream, 0, step, step + 1);
        if (!offline || !own || !sameSize(offline, own)) continue;
        meter(name)?.add(real(offline), real(own), { dims: offline.dims });
      }
    }
  }
}

/** Model-input frames between the newest frame of a step and the newest that a per-step value has seen. */
function inputDelay(analysis: StreamAnalysis, name: ValueName): number {
  const fact = analysis.facts.get(name);
  return fact?.kind === "perStep" ? Math.round((fact.delay * fact.rate.den) / fact.rate.num) : 0;
}

/** At most `MOST_RUNS` whole numbers of [from, to), the ends among them. */
function sampled(from: number, to: number): number[] {
  const count = Math.min(MOST_RUNS, Math.max(0, to - from));
  const numbers = Array.from(
    { length: count },
    (_, i) => from + (count === 1 ? to - from - 1 : Math.floor(((to - from - 1) * i) / (count - 1))),
  );
  return [...new Set(numbers)];
}

/** An offline value that exists once, at every frame or step of its twin. */
function spread(at: ClipAt, name: ValueName, offline: Tensor | undefined): Tensor | undefined {
  const fact = at.analysis.facts.get(name);
  if (!offline || !fact || fact.kind === "static") return undefined;
  if (fact.kind === "perStep") {
    const stacked = { ...offline, dims: [1, ...offline.dims] };
    return repeated(stacked, 0, at.steps);
  }
  const frames = framesAfter(fact, at.chunk * at.steps);
  return offline.dims[fact.axis] === 1 && frames > 1 ? repeated(offline, fact.axis, frames) : offline;
}

function repeated(tensor: Tensor, axis: number, count: number): Tensor {
  return concatAxis(new Array<Tensor>(count).fill(tensor), axis);
}

function sameSize(a: Tensor, b: Tensor): boolean {
  return a.dims.reduce((n, d) => n * d, 1) === b.dims.reduce((n, d) => n * d, 1);
}
